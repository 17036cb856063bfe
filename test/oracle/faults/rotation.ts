import { inStatements, notSent, replace, type Fault } from './fault.ts'

/** How a slot could be emptied too early. */
export const ROTATION_FAULTS: readonly Fault[] = [
  {
    name: 'a slot is emptied before one of its models has drained it',
    models: ['busy', 'per_author'],
    because: 'both read comments, and nearly every change of a comment matters to the second',
    place: inStatements(
      'with reader as materialized (',
      replace('where m.plan', `where m.name <> 'per_author' and m.plan`),
    ),
  },
  {
    name: 'a slot is looked through before it is locked',
    models: ['per_author'],
    because: 'any model will do: a writer adds a row between the look and the end of the wait',
    place: notSent('lock table "millrace"."queue_comments_'),
  },
]
