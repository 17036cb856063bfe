import { member, quoted } from './identifiers.ts'

/** What a value of json or jsonb is once it is parsed. */
export type JsonType =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'scalar'; readonly type: 'string' | 'number' | 'boolean' }
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'list'; readonly of: JsonValue }
  /** A list with so many elements. */
  | { readonly kind: 'tuple'; readonly of: readonly JsonValue[] }
  /** An object whose names are values of rows. */
  | { readonly kind: 'record'; readonly of: JsonValue }
  | { readonly kind: 'oneOf'; readonly types: readonly JsonType[] }

export interface JsonValue {
  readonly type: JsonType
  /** It may be null: of a column SQL's own, further inside that of JSON. */
  readonly isNullable: boolean
}

export interface JsonMember extends JsonValue {
  readonly name: string
}

export const UNKNOWN: JsonType = { kind: 'unknown' }

/** As TypeScript: `{ readonly id: number; readonly title: string | null }`. */
export function jsonText({ type, isNullable }: JsonValue): string {
  const own = typeText(type)
  return isNullable && own !== 'unknown' ? `${own} | null` : own
}

function typeText(type: JsonType): string {
  switch (type.kind) {
    case 'unknown':
      return 'unknown'
    case 'scalar':
      return type.type
    case 'labels':
      return type.labels.map(quoted).join(' | ')
    case 'object':
      return objectText(type.members)
    case 'list':
      return `readonly ${isOneWord(type.of) ? jsonText(type.of) : `(${jsonText(type.of)})`}[]`
    case 'tuple':
      return `readonly [${type.of.map(jsonText).join(', ')}]`
    case 'record':
      return `Readonly<Record<string, ${jsonText(type.of)}>>`
    case 'oneOf':
      return unionText(type.types)
  }
}

function objectText(members: readonly JsonMember[]): string {
  if (members.length === 0) return 'Readonly<Record<string, never>>'
  return `{ ${members.map((it) => `readonly ${member(it.name)}: ${jsonText(it)}`).join('; ')} }`
}

function unionText(types: readonly JsonType[]): string {
  const texts = [...new Set(types.map(typeText))]
  if (texts.length === 0) return 'null'
  return texts.includes('unknown') ? 'unknown' : texts.join(' | ')
}

/** Without parentheses `readonly a | b[]` would be something else. */
function isOneWord({ type, isNullable }: JsonValue): boolean {
  if (type.kind === 'unknown') return true
  return !isNullable && (type.kind === 'scalar' || type.kind === 'object' || type.kind === 'record')
}
