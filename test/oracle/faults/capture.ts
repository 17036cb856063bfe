import type { Interest, Plan } from '../../../src/compile/plan.ts'
import { inCapture, replace, type Fault } from './fault.ts'

/** What capture could leave out. */
export const CAPTURE_FAULTS: readonly Fault[] = [
  {
    name: 'the INSERT trigger is missing',
    models: ['per_author'],
    because: 'it groups comments',
    place: { kind: 'no trigger', source: 'comments', event: 'insert' },
  },
  {
    name: 'the UPDATE trigger is missing',
    models: ['per_author'],
    because: 'it groups comments',
    place: { kind: 'no trigger', source: 'comments', event: 'update' },
  },
  {
    name: 'the DELETE trigger is missing',
    models: ['per_author'],
    because: 'it groups comments',
    place: { kind: 'no trigger', source: 'comments', event: 'delete' },
  },
  {
    name: 'the TRUNCATE trigger is missing',
    models: ['per_author'],
    because: 'it groups comments',
    needsTruncate: true,
    place: { kind: 'no trigger', source: 'comments', event: 'truncate' },
  },
  {
    name: 'old values are not captured',
    models: ['per_author'],
    because: 'a deleted comment has nothing else',
    place: inCapture('comments', 'delete', replace('"o"."user_id"', 'null')),
  },
  {
    name: 'new values are not captured',
    models: ['quiet'],
    because: 'a new vote has nothing else',
    place: inCapture('votes', 'insert', replace('"n"."project_id"', 'null')),
  },
  {
    name: 'a filter is inverted',
    models: ['quiet'],
    because: 'only votes for a project count',
    place: { kind: 'plan', change: (plan) => withInterests(plan, inverted) },
  },
  {
    name: 'a filter looks at the new image only',
    models: ['quiet'],
    because: 'a vote that is turned around counts no longer',
    place: inCapture('votes', 'update', replace('(o.position is not null and ((o.up))) or', '')),
  },
  {
    name: 'a column is left out of the bits that say what changed',
    models: ['summed'],
    because: 'a vote can be turned around',
    place: inCapture('votes', 'update', replace('record_image_ne(row("o"."up"), row("n"."up"))', 'false')),
  },
  {
    name: 'a column is not among those that an occurrence reads',
    models: ['everything'],
    because: 'titles are shown, and are no part of a key or filter',
    place: {
      kind: 'analysis',
      change: (analysis) => ({
        ...analysis,
        occurrences: analysis.occurrences.map((it) => ({
          ...it,
          columns: it.columns.filter((name) => name !== 'title'),
        })),
      }),
    },
  },
]

function withInterests(plan: Plan, change: (interest: Interest) => Interest): Plan {
  return {
    ...plan,
    sources: plan.sources.map((it) => ({ ...it, interests: it.interests.map(change) })),
  }
}

function inverted(interest: Interest): Interest {
  const { filter } = interest
  return filter === null
    ? interest
    : { ...interest, filter: { old: `not (${filter.old})`, new: `not (${filter.new})` } }
}
