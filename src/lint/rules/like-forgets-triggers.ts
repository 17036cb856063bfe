import { nameOf, shown } from '../relations.ts'
import type { Found, Rule } from '../rule.ts'
import { followersOf } from '../uses.ts'

const ALL = 0x7fffffff

/** LIKE … INCLUDING ALL for a table that is to take the place of another: triggers and foreign keys are not included. */
export const likeForgetsTriggers: Rule = {
  name: 'like-forgets-triggers',
  level: 'warning',

  check: ({ node, start, at }, { uses }) => {
    if (!('CreateStmt' in node)) return []
    const { tableElts = [], partspec, partbound } = node.CreateStmt
    return tableElts.flatMap((it): readonly Found[] => {
      if (!('TableLikeClause' in it) || it.TableLikeClause.options !== ALL) return []
      const { relation } = it.TableLikeClause
      const like = nameOf(relation)
      const followers = followersOf(uses, like)
      if (partspec === undefined && partbound === undefined && followers === undefined) return []
      const keys = partspec === undefined ? '' : '; a primary key without the partition key is refused'
      const unheard = followers === undefined ? '' : `, so that ${followers} would hear of no change`
      return [
        {
          at: relation?.location === undefined ? start : at(relation.location),
          message: `INCLUDING ALL takes neither triggers nor foreign keys nor grants of ${shown(like)}${unheard}${keys}`,
          help: 'Say what is to be taken (including defaults including constraints …), and create foreign keys, triggers and grants after it. For a source, run millrace migrate up then.',
        },
      ]
    })
  },
}
