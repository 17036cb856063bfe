import type { Facts, IndexColumn } from './facts.ts'
import { turned, type OrderColumn } from './order.ts'
import type { Condition } from './where.ts'

/**
 * The order in which an index gives the rows, from any row on, without looking at many that are not asked for; undefined where none
 * does. It begins with columns of which one value is asked for, goes on in the order or in its opposite, and has all columns of the
 * filter. The key need not be in it: rows that agree in all else are sorted by it when they are read.
 *
 * Columns that shall be null are part of what is returned: unlike for `= 1`, the planner does not see that they order nothing.
 */
export function servedOrder(
  { indexes }: Facts,
  order: readonly OrderColumn[],
  conditions: readonly Condition[],
): readonly OrderColumn[] | undefined {
  const equal = conditions.filter((it) => it.kind === 'equal')
  const fixed = new Map(equal.map(({ column, value }) => [column.name, value === null]))
  // A column of one value orders nothing.
  const ordering = order.filter(({ name }) => !fixed.has(name))
  const candidates = indexes
    .filter((index) => conditions.every(({ column }) => index.some(({ name }) => name === column.name)))
    .flatMap((index) => [index, turned(index)])
  for (const index of candidates) {
    const found = orderFrom(index, ordering, fixed)
    if (found !== undefined) return found
  }
  return undefined
}

/** `fixed`: columns of one value, and whether that is null. */
function orderFrom(
  index: readonly IndexColumn[],
  ordering: readonly OrderColumn[],
  fixed: ReadonlyMap<string, boolean>,
): readonly OrderColumn[] | undefined {
  const wanted = [...ordering]
  const found: OrderColumn[] = []
  for (const it of index) {
    if (wanted.length === 0) break
    if (fixed.has(it.name)) {
      if (fixed.get(it.name) === true) found.push(it)
      continue
    }
    const next = wanted.shift()
    if (!isSame(it, next)) return undefined
    found.push(it)
  }
  return wanted.length === 0 ? found : undefined
}

function isSame(a: OrderColumn, b: OrderColumn | undefined): boolean {
  return a.name === b?.name && a.isDescending === b.isDescending && a.isNullsFirst === b.isNullsFirst
}

/** The index to declare for it: `indexes: [['category', 'score desc', 'id']]`. */
export function neededIndex(order: readonly string[], conditions: readonly Condition[]): string {
  const names = conditions.map(({ kind, column }) => ({ name: column.name, isFixed: kind === 'equal' }))
  const ordered = new Set(order.map((it) => it.split(' ')[0]))
  const before = names.filter(({ name, isFixed }) => isFixed && !ordered.has(name))
  const behind = names.filter(({ name, isFixed }) => !isFixed && !ordered.has(name))
  const columns = [...before.map(({ name }) => name), ...order, ...behind.map(({ name }) => name)]
  return `indexes: [[${[...new Set(columns)].map((it) => `'${it}'`).join(', ')}]]`
}
