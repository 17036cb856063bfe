import type { InstalledModel } from '../../../src/work/model.ts'
import { notSent, replace, type Fault, type Rewrite, type Statement } from './fault.ts'
import { inPlan, inStatement } from './in-plan.ts'

/** How counts and sums could be kept wrongly, in models that fold all that they count and sum. */
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
  {
    name: 'a group whose last row is gone keeps its own',
    models: ['mailbox'],
    because: 'messages are read, moved and deleted',
    place: inStatement('fold', replace('("stored"."n" + changes.d1) = 0', 'false')),
  },
  {
    name: 'a group whose first row has come gets none',
    models: ['mailbox'],
    because: 'messages come and are read',
    place: inStatement('fold', replace('where changes.d1 > 0', 'where false')),
  },
  {
    name: 'the group of the nulls is looked for by =',
    models: ['authors'],
    because: 'comments come and go whose author has gone',
    place: inStatement(
      'fold',
      replace('on "stored"."user_id" is null', 'on "stored"."user_id" = changes.u1'),
    ),
  },
  {
    name: 'what a subquery finds by = is counted for a null',
    models: ['echoes'],
    because: 'many a comment answers none, and many a user has no boss',
    place: inStatement(
      'fold',
      replace('"stored"."boss_id" = changes.u2', '"stored"."boss_id" is not distinct from changes.u2'),
    ),
  },
  {
    name: 'a sum with a NaN in it is kept by adding',
    models: ['sales'],
    because: 'a price may be NaN, and then another',
    place: inPlan(['resolve'], replace(`= 'NaN'`, `= 'NaN' and false`)),
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
