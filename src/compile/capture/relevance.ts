import { join, sql, trusted, type Sql } from '../../sql/sql.ts'
import { maskLiteral, maskOf } from './changed-bits.ts'
import type { Interest } from '../plan.ts'
import type { RowEvent } from './transition.ts'

/** The condition that a changed row (`o`, `n`, `difference`) matters to one of the occurrences. */
function interestCondition(interests: readonly Interest[], event: RowEvent): Sql {
  const conditions = interests.map((it) => trusted(oneCondition(it, event)))
  if (conditions.some((it) => it.text === 'true')) return trusted('true')
  return conditions.length === 0 ? trusted('false') : join(conditions, '\n         or ')
}

/** A row is captured if it matters to any occurrence in any model. */
export function relevance(
  { interests, appliers }: { readonly interests: readonly Interest[]; readonly appliers: readonly Wanting[] },
  event: RowEvent,
): Sql {
  const all = [
    ...(interests.length > 0 ? [interestCondition(interests, event)] : []),
    ...appliers.map((it) => wanted(it, event)),
  ]
  if (all.length === 0 || all.some((it) => it.text === 'true')) return trusted('true')
  return join(all, '\n         or ')
}

/** A variable of capture functions: the statement runs within another one. */
export const NESTED = trusted('millrace_nested')

/** What an immediate model wants queued: what it adds in place only if that must wait until the commit. */
export interface Wanting {
  readonly interests: readonly Interest[]
  readonly inPlace: Readonly<Record<RowEvent, string>> | null
}

export function wanted({ interests, inPlace }: Wanting, event: RowEvent): Sql {
  const condition = interestCondition(interests, event)
  if (inPlace === null) return condition
  return condition.text === 'true' ? NESTED : sql`(${NESTED} and (${condition}))`
}

function oneCondition({ columns, filter }: Interest, event: RowEvent): string {
  const passes = {
    insert: filter?.new,
    delete: filter?.old,
    // Both where both images are there; a condition over a missing image is null, so not true.
    update:
      filter === null
        ? undefined
        : `((o.position is not null and (${filter.old})) or (n.position is not null and (${filter.new})))`,
  }[event]
  if (event !== 'update') return passes === undefined ? 'true' : `(${passes})`

  // bitwise and of two negative numbers is negative: rows that came or went pass
  const differs = `difference.changed & ${maskLiteral(maskOf(columns))} <> 0`
  return passes === undefined ? differs : `(${differs} and ${passes})`
}
