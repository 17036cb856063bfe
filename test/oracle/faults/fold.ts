import type { InstalledModel } from '../../../src/work/model.ts'
import { notSentEachSecond, replace, type Fault, type Rewrite, type Statement } from './fault.ts'
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
    // Not always: a TRUNCATE would stay in the window, and each drain compute all units anew.
    place: notSentEachSecond('insert into millrace.watermark'),
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
  {
    name: 'a first row that went is not looked for anew',
    models: ['bounds'],
    because: 'comments are deleted, moved and changed',
    place: inPlan(['resolve'], replace(') is not true', ') is not true and false')),
  },
  {
    name: 'rows are compared by the first of two columns',
    models: ['notable'],
    because: 'comments are of one amount',
    place: inStatement('firsts', replace(/\(came\.f1 = "stored"/g, '(false and came.f1 = "stored"')),
  },
  {
    name: 'a row that went is taken for a later one if it ties',
    models: ['bounds'],
    because: 'the greatest itself is deleted, or becomes less',
    place: inPlan(['resolve'], replace(/(\("stored"\."\w+") ([<>]) (went\.f1\) is not true)/g, '$1 $2= $3')),
  },
  {
    name: 'the row that comes last is the first',
    models: ['lately'],
    because: 'it may have the least amount',
    place: inStatement('firsts', replace(/and \(came\.f1 > [^\n]*/g, 'and true')),
  },
  {
    name: 'nulls come first in a descending order that puts them last',
    models: ['lately'],
    because: 'a comment may have no amount',
    place: inStatement(
      'firsts',
      replace(
        '"stored"."amount" is null and came.f1 is not null',
        'came.f1 is null and "stored"."amount" is not null',
      ),
    ),
  },
  {
    name: 'the first row of the nulls is looked for by =',
    models: ['ends'],
    because: 'comments come whose author has gone',
    place: inStatement('firsts', replace('"user_id" is null and came', '"user_id" = came.u1 and came')),
  },
  {
    name: 'a row that went is none of the nulls',
    models: ['lately'],
    because: 'comments go whose author has gone',
    place: inPlan(['resolve'], replace('"user_id" is null and went', '"user_id" = went.u1 and went')),
  },
  {
    name: 'what is shown of the first row does not follow it',
    models: ['newest'],
    because: 'a comment gets another text and stays the last',
    place: inPlan(['resolve'], replace(/and changed & '-?\d+'::bigint <> 0/g, 'and changed < 0')),
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
