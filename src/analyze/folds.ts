import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import type { FoldedOutput, FoldedValue, Folds, FoldState } from './analysis.ts'
import { aggregatesIn } from './aggregates.ts'
import { branchesOf, targetsOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import { distinctOnOf, windowCallsOf } from './barriers.ts'
import { firstOfGroup, isFirstRow } from './first-rows.ts'
import { NotFoldable, type FoldContext, type Unfolded } from './folded-rows.ts'
import { Folding } from './folding.ts'
import { nameTables } from './table-names.ts'

/**
 * Judges each output column that many rows make: can its answer be kept from the changed rows alone, or must it be computed
 * anew? Three shapes can: subqueries of a plain root, whose row is there or not whatever they say; a root that groups one
 * table, whose row is there while the group has rows; and a root that takes the first row of each group of one table.
 */
export function findFolds(query: CanonicalQuery, select: SelectStmt, analysis: Unfolded): Folds {
  const context = { query, root: select, analysis, tables: nameTables(select) }
  if (branchesOf(select).length > 1) return NO_FOLDS
  if (distinctOnOf(select).length > 0) return foldFirst(context)
  const isDistinct = select.distinctClause !== undefined || windowCallsOf(select).length > 0
  if (isDistinct || select.havingClause !== undefined) return NO_FOLDS
  return select.groupClause === undefined
    ? { kind: 'subqueries', outputs: foldSubqueries(context), first: null }
    : { kind: 'groups', outputs: foldGroups(context), first: null }
}

export const NO_FOLDS: Folds = { kind: 'subqueries', outputs: [], first: null }

/** All columns are of one row: it is kept as a whole, or not at all. */
function foldFirst(context: FoldContext): Folds {
  const { root, analysis } = context
  const { value: first, because } = judge(() => firstOfGroup(context), COMPARED)
  const others = targetsOf(root).map((_, output) => output)
  const outputs = others.filter((output) => !analysis.unit.some((it) => it.output === output))
  return { kind: 'first', outputs: outputs.map((output) => ({ output, folded: null, because })), first }
}

function foldSubqueries(context: FoldContext): readonly FoldedOutput[] {
  const { query, root } = context
  const isOfMany = (subquery: SelectStmt) =>
    isFirstRow(subquery) || aggregatesIn(query, targetsOf(subquery)[0]?.value).length > 0
  return targetsOf(root).flatMap(({ value }, output): readonly FoldedOutput[] => {
    if (!subqueriesIn(value).some(isOfMany)) return []
    return [{ output, ...judged(judge(() => new Folding(context).fold(value), ADDED)) }]
  })
}

/** All columns or none: what is computed anew for a group is computed for all of it. */
function foldGroups(context: FoldContext): readonly FoldedOutput[] {
  const { query, root } = context
  const outputs = targetsOf(root).flatMap(({ value }, output) =>
    aggregatesIn(query, value).length === 0 ? [] : [{ value, output }],
  )
  const folded = judge(() => {
    const others = targetsOf(root).length - outputs.length
    if (others !== root.groupClause?.length) {
      throw new NotFoldable('the row also shows what is neither its key nor an aggregate')
    }
    const fold = (countsRows: boolean) =>
      outputs.map(({ value }, i) => new Folding(context).foldGroup(value, countsRows && i === 0))
    const values = fold(false)
    return values.some(({ subqueries }) => subqueries.some((it) => it.states.some(isRowCount)))
      ? values
      : fold(true)
  }, ADDED)
  return outputs.map(({ output }, i) => ({
    output,
    ...judged({ value: folded.value?.[i] ?? null, because: folded.because }),
  }))
}

/** The state that tells whether a group has rows at all. */
export function isRowCount({ kind, argument, filter }: FoldState): boolean {
  return kind === 'count' && argument === null && filter === null
}

const ADDED = 'each change adds to it or takes from it'
const COMPARED = 'a row that comes is compared with it; it is computed anew when its own row may have gone'

interface Judged<T> {
  readonly value: T | null
  readonly because: string
}

function judge<T>(fold: () => T, because: string): Judged<T> {
  try {
    return { value: fold(), because }
  } catch (error) {
    if (error instanceof NotFoldable) return { value: null, because: error.message }
    throw error
  }
}

/** Says of a column that keeps first rows how that is done. */
function judged({ value, because }: Judged<FoldedValue>): Pick<FoldedOutput, 'folded' | 'because'> {
  const keepsFirst = value?.subqueries.some(({ firsts }) => firsts.length > 0) === true
  return { folded: value, because: keepsFirst ? COMPARED : because }
}

function subqueriesIn(value: Node): readonly SelectStmt[] {
  const found: SelectStmt[] = []
  walk(value, ({ node }) => {
    if (!('SubLink' in node)) return undefined
    const { subselect } = node.SubLink
    if (subselect !== undefined && 'SelectStmt' in subselect) found.push(subselect.SelectStmt)
    return 'skip'
  })
  return found
}
