import { nameOf, shown } from '../relations.ts'
import type { Rule } from '../rule.ts'

/** REFRESH MATERIALIZED VIEW by those who write. */
export const refreshInTrigger: Rule = {
  name: 'refresh-in-trigger',
  level: 'error',

  check: ({ node, start, within, isDynamic }) => {
    if (!('RefreshMatViewStmt' in node) || within?.returnsTrigger !== true) return []
    const view = isDynamic ? 'a materialized view' : shown(nameOf(node.RefreshMatViewStmt.relation))
    return [
      {
        at: start,
        message: `each write computes all of ${view} anew, and keeps all others from writing until it commits`,
        help: 'Declare the query as a read model, and drop the trigger: its rows follow the changes one by one. Or with freshness: { every }, which refreshes it outside of writes.',
      },
    ]
  },
}
