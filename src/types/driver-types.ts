import { quoted } from './identifiers.ts'
import { jsonText } from './json-type.ts'
import type { ColumnType, ValueType } from './value-type.ts'

/** What `pg` makes of a value, as TypeScript: a test compares each with what it really returns. */
export function driverType({ type, isNullable }: Pick<ColumnType, 'type' | 'isNullable'>): string {
  const own = valueType(type)
  return isNullable && own !== 'unknown' ? `${own} | null` : own
}

function valueType(type: ValueType): string {
  switch (type.kind) {
    case 'base':
      return BASE[type.name] ?? 'string'
    case 'json':
      return jsonText({ type: type.content, isNullable: false })
    case 'enum':
      return type.labels.map(quoted).join(' | ')
    case 'array':
      return arrayType(type.of)
    case 'other':
      return 'string'
  }
}

/** `pg` knows the arrays of some types; others are the text that PostgreSQL prints. */
function arrayType(element: ValueType): string {
  const isKnown = element.kind === 'json' || (element.kind === 'base' && !TEXT_ARRAYS.has(element.name))
  if (!isKnown) return 'string'
  const own = ARRAYS[element.name] ?? valueType(element)
  return `readonly (${own === 'unknown' ? own : `${own} | null`})[]`
}

const BASE: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  oid: 'number',
  float4: 'number',
  float8: 'number',
  bytea: 'Buffer',
  date: 'Date',
  timestamp: 'Date',
  timestamptz: 'Date',
  interval:
    '{ readonly years?: number; readonly months?: number; readonly days?: number; readonly hours?: number; readonly minutes?: number; readonly seconds?: number; readonly milliseconds?: number }',
  point: '{ readonly x: number; readonly y: number }',
  circle: '{ readonly x: number; readonly y: number; readonly radius: number }',
}

/** Where an element is not what a value by itself is. */
const ARRAYS: Readonly<Record<string, string>> = { numeric: 'number' }

const TEXT_ARRAYS: ReadonlySet<string> = new Set(
  'circle line lseg box path polygon xml bit varbit tsvector tsquery pg_lsn jsonpath name'.split(' '),
)
