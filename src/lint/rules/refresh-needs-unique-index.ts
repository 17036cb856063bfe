import { findTable } from '../known.ts'
import { nameOf, shown } from '../relations.ts'
import type { Rule } from '../rule.ts'

/** REFRESH … CONCURRENTLY of a materialized view without a unique index. */
export const refreshNeedsUniqueIndex: Rule = {
  name: 'refresh-needs-unique-index',
  level: 'error',

  check: ({ node, start, isDynamic }, { later }) => {
    if (isDynamic || !('RefreshMatViewStmt' in node) || node.RefreshMatViewStmt.concurrent !== true) return []
    const name = nameOf(node.RefreshMatViewStmt.relation)
    const view = findTable(later, name)
    if (view?.kind !== 'materialized view' || view.hasUniqueIndex) return []
    return [
      {
        at: start,
        message: `${shown(name)} has no unique index over its rows, without which PostgreSQL refuses to refresh it concurrently`,
        help: 'Create a unique index of plain columns without a WHERE; within a trigger every write fails until there is one.',
      },
    ]
  },
}
