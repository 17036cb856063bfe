import type { InstalledModel } from '../../../src/work/model.ts'
import { notSent, replace, type Fault, type Rewrite, type Statement } from './fault.ts'
import { inStatement } from './in-plan.ts'

/** How counts and sums could be kept wrongly. All in a model whose counts and sums are all folded. */
export const FOLD_FAULTS: readonly Fault[] = [
  {
    name: 'deltas are kept for units that are recomputed',
    models: ['tally'],
    because: 'a project and its votes change in one window, and the recompute has counted the votes already',
    place: { kind: 'worker', start: foldLast },
  },
  {
    name: 'deltas of old values are not taken away',
    models: ['tally'],
    because: 'votes are deleted, moved and changed',
    place: inStatement('fold', replace('-1::bigint as "millrace_sign"', '0::bigint as "millrace_sign"')),
  },
  {
    name: 'a fold ignores the filter of its subquery',
    models: ['tally'],
    because: 'votes against a project are no ups',
    place: inStatement('fold', replace('where (v.up)', 'where true')),
  },
  {
    name: 'a fold counts nulls',
    models: ['tally'],
    because: 'a vote may have no weight',
    place: inStatement('fold', replace('case when v_2.weight is not null', 'case when true')),
  },
  {
    name: 'deltas are added again by the next drain',
    models: ['tally'],
    because: 'any fold will do: the watermark stays where it was',
    place: notSent('insert into millrace.watermark'),
  },
]

/** Sends the fold when the recompute is done. */
function foldLast(models: readonly InstalledModel[]): Rewrite {
  const folds = models.map(({ plan }) => plan.statements.fold?.add)
  let held: readonly Statement[] = []
  return (statement) => {
    if (statement.text.startsWith('begin')) held = []
    if (folds.includes(statement.text)) {
      held = [statement]
      return []
    }
    return statement.text.startsWith('insert into millrace.watermark') ? [...held, statement] : [statement]
  }
}
