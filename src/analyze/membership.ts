import type { Node, SubLink } from '../sql/parse.ts'
import { namesOf } from './ast/nodes.ts'
import type { GraphTable } from './graph.ts'

/** `in`: IN and = ANY. `not in`: NOT IN is a negated `in`; <> ALL says the same. Anything else compares otherwise. */
export function asMembership({ subLinkType, operName }: SubLink): 'in' | 'not in' | undefined {
  const operator = namesOf(operName).at(-1) ?? '='
  if (subLinkType === 'ANY_SUBLINK' && operator === '=') return 'in'
  if (subLinkType === 'ALL_SUBLINK' && operator === '<>') return 'not in'
  return undefined
}

/** Certain only for a constant, and for a column that is declared NOT NULL of a table whose rows cannot be missing. */
export function neverNull(value: Node | undefined, tables: readonly GraphTable[]): boolean {
  if (value === undefined) return false
  if ('TypeCast' in value) return neverNull(value.TypeCast.arg, tables)
  if ('A_Const' in value) return value.A_Const.isnull !== true
  if (!('ColumnRef' in value)) return false
  const [alias, name] = namesOf(value.ColumnRef.fields)
  const table = tables.find((it) => it.alias === alias)
  const column = table?.relation?.columns.find((it) => it.name === name)
  return column?.notNull === true && table?.nullableBy.length === 0
}
