import { ident } from '../../../src/sql/sql.ts'
import type { Random } from '../random.ts'
import type { Pair, Table } from './schema.ts'
import type { ValueType } from './value-types.ts'

/** A column that an expression may read. */
export interface ScopeColumn {
  /** How it is written: `a."first name"`. */
  readonly ref: string
  /** Bare. */
  readonly name: string
  readonly type: ValueType
  readonly role: string | null
  readonly isNullable: boolean
  readonly pair?: Pair | undefined
  /** Of a table's own column. */
  readonly declared?: string
  /** Made of many rows, or of those that a LIMIT left: no condition on it can be traced to one row. */
  readonly isComputed?: boolean
}

/** Something that stands in FROM: a table under an alias, a join of several, a subquery. */
export interface Rows {
  readonly text: string
  readonly columns: readonly ScopeColumn[]
  /** Each a set of `ref`s of which no two rows have the same values; an empty one: there is one row at most. */
  readonly keys: readonly (readonly string[])[]
  /** Conditions that belong into WHERE: of tables that stand side by side, with a comma between. */
  readonly where: readonly string[]
}

/** A SELECT, and what is known of its output. */
export interface Block {
  readonly text: string
  readonly columns: readonly BlockColumn[]
  /** Each a set of names of output columns that identify a row. */
  readonly keys: readonly (readonly string[])[]
}

export interface BlockColumn {
  readonly name: string
  readonly type: ValueType
  readonly role: string | null
  readonly isNullable: boolean
  readonly pair?: Pair | undefined
  /** Made of many rows, or of those that a LIMIT left: no condition on it can be traced to one row. */
  readonly isComputed?: boolean
}

/** A view or a common table expression: a block that has a name. */
export interface NamedBlock {
  /** Quoted, and qualified where it needs to be. */
  readonly name: string
  readonly block: Block
  readonly shapes: ReadonlySet<string>
}

/**
 * The state of one query's drawing. Shapes that begin with `!` are beyond what is promised to be kept: a query that has
 * one may be refused, and is kept exactly if it is not.
 */
export interface Drawing {
  readonly random: Random
  readonly tables: readonly Table[]
  readonly views: readonly NamedBlock[]
  readonly expressions: NamedBlock[]
  readonly shapes: Set<string>
  /** How many more tables may be read: a query grows no larger. */
  tablesLeft: number
  /** Draws a block within the query: of its own if it gets no columns, else LATERAL over these. */
  readonly block: (drawing: Drawing, outer: readonly ScopeColumn[]) => Block
  aliases: number
  names: number
}

export function startDrawing(
  random: Random,
  tables: readonly Table[],
  views: readonly NamedBlock[],
  tablesLeft: number,
  block: Drawing['block'],
): Drawing {
  return {
    random,
    tables,
    views,
    expressions: [],
    shapes: new Set(),
    tablesLeft,
    block,
    aliases: 0,
    names: 0,
  }
}

/** A new alias, unique in the query, that is a nuisance now and then. */
export function newAlias(drawing: Drawing): string {
  drawing.aliases += 1
  const number = String(drawing.aliases)
  return drawing.random.pick([
    `t${number}`,
    `t${number}`,
    `a${number}`,
    ident(`T ${number}`).text,
    ident(`x"${number}`).text,
  ])
}

/** A new name for an output column, unique in the query. */
export function newName(drawing: Drawing): string {
  drawing.names += 1
  const number = String(drawing.names)
  return drawing.random.pick([`c${number}`, `c${number}`, `Col ${number}`, `camelCase${number}`])
}

/** Picks one of several ways, each as often as its weight says. */
export function weighted<T>(random: Random, ways: readonly (readonly [number, () => T])[]): T {
  let at = random.below(ways.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, way] of ways) {
    at -= weight
    if (at < 0) return way()
  }
  throw new Error('nothing to pick from')
}

export function some<T>(random: Random, items: readonly T[], most: number): readonly T[] {
  const found = new Set<T>()
  const count = Math.min(items.length, random.below(most + 1))
  while (found.size < count) found.add(random.pick(items))
  return [...found]
}

/** The columns of something in FROM, under its alias. */
export function underAlias(
  alias: string,
  columns: readonly Omit<ScopeColumn, 'ref'>[],
): readonly ScopeColumn[] {
  return columns.map((it) => ({ ...it, ref: `${alias}.${ident(it.name).text}` }))
}

/** A named or nested block as it stands in FROM. */
export function blockRows(
  text: string,
  alias: string,
  { columns, keys }: Pick<Block, 'columns' | 'keys'>,
): Rows {
  return {
    text,
    columns: underAlias(alias, columns),
    keys: keys.map((key) => key.map((name) => `${alias}.${ident(name).text}`)),
    where: [],
  }
}
