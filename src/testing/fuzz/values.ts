import { literal } from '../../sql/sql.ts'
import type { Random } from '../random.ts'
import type { Constants } from './constants.ts'
import type { FuzzColumn } from './tables.ts'

/** Few of each kind, so that rows meet: equal keys, equal groups, ties. */
const TEXTS = ['', 'a', 'b', 'Ada', "o'neil", 'Straße', '100%', 'null']
const NUMBERS = ['0', '1', '2', '3', '5', '10', '-1', '100']
const JSON_TEXTS = ['{}', '[]', '{"a": 1}', '{"a": [1, 2], "b": null}', '"text"', '1.0']
const INTERVALS = ['0', '1 hour', '1 day', '1 month', '-1 day']
/** From long ago to soon, for windows of time have edges near now. */
const AGES = ['0', '1 minute', '1 hour', '1 day', '3 days', '10 days', '40 days', '400 days', '-1 day']

/** SQL for a value of the column's type, or undefined where the type is not known here. */
export function valueOf(column: FuzzColumn, constants: Constants, random: Random): string | undefined {
  const { type, category, labels, element } = column
  if (labels.length > 0 && category === 'E') return typed(random.pick(labels), type)
  if (category === 'A') return arrayOf(column, element ?? '', constants, random)
  if (category === 'B') return random.pick(['true', 'false'])
  if (category === 'N') return typed(numberOf(constants, random), type)
  if (category === 'S') return typed(textOf(column, constants, random), type)
  if (type === 'interval') return typed(random.pick(INTERVALS), type)
  if (category === 'D') return momentOf(type, random)
  if (type === 'uuid')
    return typed(`00000000-0000-4000-8000-${String(random.below(12)).padStart(12, '0')}`, type)
  if (type === 'json' || type === 'jsonb') return typed(random.pick(JSON_TEXTS), type)
  if (type === 'bytea') return typed(random.pick(['', '\\x00', '\\xff01']), type)
  return undefined
}

function numberOf({ numbers }: Constants, random: Random): string {
  // Keys that nobody has yet come from here, too.
  return random.oneIn(2) ? String(random.below(40)) : random.pick([...NUMBERS, ...numbers])
}

function textOf({ length, allowed }: FuzzColumn, { texts }: Constants, random: Random): string {
  if (allowed.length > 0 && !random.oneIn(8)) return random.pick(allowed)
  const own = random.oneIn(2) && texts.length > 0 ? random.pick(texts) : random.pick(TEXTS)
  const text = random.oneIn(3) ? `${own}${String(random.below(6))}` : own
  return length === null ? text : text.slice(0, length)
}

/** Midnights are the same all day long, so a seed gives the same rows again for as long. */
function momentOf(type: string, random: Random): string {
  const age = random.pick(AGES)
  if (type.startsWith('time ')) return typed(random.pick(['00:00', '06:30', '23:59:59']), type)
  return `(current_date - interval ${literal(age).text})::${type}`
}

function arrayOf(column: FuzzColumn, element: string, constants: Constants, random: Random): string {
  const category = column.labels.length > 0 ? 'E' : categoryOf(element)
  const one = { ...column, type: element, category, element: null, length: null }
  const values = Array.from({ length: random.below(4) }, () => valueOf(one, constants, random))
  return `array[${values.filter((it) => it !== undefined).join(', ')}]::${column.type}`
}

/** Of a type that is named as `format_type` does: only what arrays commonly hold. */
function categoryOf(type: string): string {
  if (/^(smallint|integer|bigint|numeric|real|double precision)/.test(type)) return 'N'
  if (/^(text|character|name|citext)/.test(type)) return 'S'
  if (/^(date|time)/.test(type)) return 'D'
  return type === 'boolean' ? 'B' : 'U'
}

/** A literal of that type. */
export function typed(value: string, type: string): string {
  return `${literal(value).text.trim()}::${type}`
}
