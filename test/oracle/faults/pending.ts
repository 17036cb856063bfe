import { edited, inWorker, replace, type Fault, type Rewrite, type Statement } from './fault.ts'
import { inStatement } from './in-plan.ts'

/** How units that wait could be lost. */
export const PENDING_FAULTS: readonly Fault[] = [
  {
    name: 'a change that is too wide for one drain is dropped',
    models: ['per_author'],
    because: 'any model will do: chunks may be as small as one unit',
    place: inStatement('spill', replace('on conflict', 'limit 0\n  on conflict')),
  },
  {
    name: 'all units that wait are taken off the list, and a chunk of them is recomputed',
    models: ['per_author'],
    because: 'any model will do: a bulk update leaves more units waiting than the next chunk takes',
    place: inWorker(takeAllWaiting),
  },
  {
    name: 'a unit that cannot be computed is not set aside',
    models: ['per_author'],
    because: 'any model with a number for a key will do',
    place: { kind: 'worker', start: failAndForget },
  },
]

/** The user that cannot be computed. */
const BROKEN = '7'

/**
 * A worker in which one unit cannot be computed in every second transaction: what a drain must live with. Now and then
 * it can, or a unit that waits would wait for ever, and nothing be asked about it.
 */
export function failOneUnit(): Rewrite {
  let fails = false
  return (statement) => {
    if (statement.text.startsWith('begin')) fails = !fails
    const [units] = statement.values
    const isAsked = statement.text.startsWith('with fresh ') && Array.isArray(units) && units.includes(BROKEN)
    return [isAsked && fails ? { text: 'select 1 / 0', values: [] } : statement]
  }
}

function failAndForget(): Rewrite {
  const failing = failOneUnit()
  return (statement) =>
    /^insert into "millrace"\."pending_\w+" as p /.test(statement.text) ? [] : failing(statement)
}

function takeAllWaiting(statement: Statement): readonly Statement[] {
  if (!statement.text.endsWith('as due')) return [statement]
  const taken = replace(
    /^(.*?)from ("millrace"\."pending_\w+")\n(\s+where.*?)\n(\s+order by.*)$/gs,
    'with taken as (delete from $2\n$3\n  returning *)\n$1from taken\n$4',
  )
  return [{ ...statement, text: edited(statement.text, taken) }]
}
