import type { RelationName } from '../compile/plan.ts'
import type { JsonType } from './json-type.ts'

/** A type of PostgreSQL as far as tools tell values apart by it. Domains are what they are made of. */
export type ValueType =
  /** Of PostgreSQL's own, by its name in pg_type: `int4`, `timestamptz`. */
  | { readonly kind: 'base'; readonly name: string }
  /** `content`: as far as the query shows it. */
  | { readonly kind: 'json'; readonly name: 'json' | 'jsonb'; readonly content: JsonType }
  | { readonly kind: 'enum'; readonly name: RelationName; readonly labels: readonly string[] }
  | { readonly kind: 'array'; readonly of: ValueType }
  /** Rows, ranges and types of extensions, which drivers return as text. */
  | { readonly kind: 'other'; readonly name: RelationName }

export interface ColumnType {
  readonly name: string
  readonly type: ValueType
  readonly isNullable: boolean
}

/** A read model as tools are told of it. */
export interface ModelType {
  readonly model: RelationName
  /** Bare name of the view that answers strictly. */
  readonly strict: string
  readonly key: readonly string[]
  readonly columns: readonly ColumnType[]
  readonly freshness: 'immediate' | 'eventual' | { readonly every: string }
  /** Of a leaderboard: the lists within which there are ranks. */
  readonly within: readonly (readonly string[])[] | null
}

/** The types of enums that columns have, each once. */
export function enumsOf(models: readonly ModelType[]): readonly Extract<ValueType, { kind: 'enum' }>[] {
  const found = new Map<string, Extract<ValueType, { kind: 'enum' }>>()
  for (const { type } of models.flatMap(({ columns }) => columns)) {
    const element = elementOf(type)
    if (element.kind === 'enum') found.set(`${element.name.schema}.${element.name.name}`, element)
  }
  return [...found.values()]
}

/** What an array is of, in the end. */
export function elementOf(type: ValueType): ValueType {
  return type.kind === 'array' ? elementOf(type.of) : type
}
