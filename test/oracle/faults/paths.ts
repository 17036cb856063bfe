import type { Analysis } from '../../../src/analyze/analysis.ts'
import { parseExpression } from '../../../src/sql/parse.ts'
import { replace, type Fault, type Place } from './fault.ts'
import { inPlan } from './in-plan.ts'

/** The old images of deleted tags, as the path of the tags reads them. */
const OLD_TAGS = /("old_category_id" as "category_id" from \S+ where) op in \('U', 'D'\)/g

/** What the analysis could overlook. */
export const PATH_FAULTS: readonly Fault[] = [
  {
    name: 'a direct path is dropped',
    models: ['quiet'],
    because: 'a vote carries the key',
    place: withoutPath('v'),
  },
  {
    name: 'an indirect path is dropped',
    models: ['shelf'],
    because: 'a project is on a shelf by its tags',
    place: withoutPath('p'),
  },
  {
    name: 'one occurrence of a self-join is forgotten',
    models: ['bosses'],
    because: 'a user is there as himself, as a boss, as a boss of a boss and as a report',
    place: withoutPath('g'),
  },
  {
    name: 'one branch of a union is forgotten',
    models: ['conversations'],
    because: 'the second branch tells the sender what the first tells the recipient',
    place: withoutPath('messages_2'),
  },
  {
    name: 'the old rows of a hop are not used: rows deleted together leave no path',
    models: ['shelf'],
    because: 'a project reaches its shelves by its tags, which go with it',
    place: inPlan(['resolve', 'strict'], replace(OLD_TAGS, `$1 op in ('U')`)),
  },
  {
    name: 'a key move queues the new key only',
    models: ['per_user'],
    because: 'a project that changes hands leaves its old owner',
    place: inPlan(['resolve', 'strict'], replace("op in ('U', 'D')", "op in ('D')")),
  },
  {
    name: 'a LEFT JOIN is followed as an INNER JOIN',
    models: ['homeless'],
    because: 'a filter above the join passes only where the category is missing, and so never at capture',
    place: {
      kind: 'analysis',
      change: (analysis) => ({
        ...analysis,
        occurrences: analysis.occurrences.map((it) =>
          it.alias === 'k' ? { ...it, filter: [...it.filter, parseExpression('k.id is null')] } : it,
        ),
      }),
    },
  },
  {
    name: 'a LEFT JOIN is recomputed as an INNER JOIN',
    models: ['threads'],
    because: 'most comments answer to none',
    place: inPlan(['recompute'], replace('LEFT JOIN', 'JOIN')),
  },
]

function withoutPath(occurrence: string): Place {
  return {
    kind: 'analysis',
    change: (analysis: Analysis) => ({
      ...analysis,
      paths: analysis.paths.filter((it) => it.occurrence !== occurrence),
    }),
  }
}
