import { nameOf, shown } from '../relations.ts'
import type { Found, Rule } from '../rule.ts'
import { followersOf } from '../uses.ts'

/** TRUNCATE of a table that a read model follows. */
export const truncateSource: Rule = {
  name: 'truncate-source',
  level: 'warning',
  insteadOf: ['ban-truncate-cascade'],

  check: ({ node, at, start }, { uses }) => {
    if (!('TruncateStmt' in node)) return []
    return (node.TruncateStmt.relations ?? []).flatMap((it): readonly Found[] => {
      if (!('RangeVar' in it)) return []
      const relation = nameOf(it.RangeVar)
      const followers = followersOf(uses, relation)
      if (followers === undefined) return []
      return [
        {
          at: it.RangeVar.location === undefined ? start : at(it.RangeVar.location),
          message: `TRUNCATE of ${shown(relation)} makes ${followers} compute all rows anew`,
          help: 'Delete the rows in batches: each is followed to what it affects. Of a table that is not read any more, remove the read model first.',
        },
      ]
    })
  },
}
