import { notSent, type Fault, type Statement } from './fault.ts'

/** How a slot could be emptied too early. */
export const ROTATION_FAULTS: readonly Fault[] = [
  {
    name: 'a slot is emptied before one of its models has drained it',
    models: ['quiet', 'summed'],
    because: 'both read votes',
    place: { kind: 'worker', change: forgetOneModel },
  },
  {
    name: 'a slot is looked through before it is locked',
    models: ['per_author'],
    because: 'any model will do: a writer adds a row between the look and the end of the wait',
    place: notSent('lock table "millrace"."queue_comments_'),
  },
]

function forgetOneModel(statement: Statement): Statement | null {
  const [storages] = statement.values
  const asksForDrained = statement.text.endsWith('as drained')
  return asksForDrained && Array.isArray(storages) ? { ...statement, values: [storages.slice(1)] } : statement
}
