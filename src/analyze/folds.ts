import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import type { FoldedOutput, Folds, FoldState } from './analysis.ts'
import { aggregatesIn } from './aggregates.ts'
import { branchesOf, targetsOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import { windowCallsOf } from './barriers.ts'
import { Folding, NotFoldable, type Unfolded } from './folding.ts'

/**
 * Judges each output column that holds an aggregate: can its answer be kept by adding what the changed rows add, or must
 * it be computed anew? Two shapes can: subqueries of a plain root, whose row is there or not whatever they say; and a
 * root that groups one table, whose row is there while the group has rows.
 */
export function findFolds(query: CanonicalQuery, select: SelectStmt, analysis: Unfolded): Folds {
  const isUnion = branchesOf(select).length > 1
  const isDistinct = select.distinctClause !== undefined || windowCallsOf(select).length > 0
  if (isUnion || isDistinct || select.havingClause !== undefined) return NO_FOLDS
  return select.groupClause === undefined
    ? { kind: 'subqueries', outputs: foldSubqueries(query, select, analysis) }
    : { kind: 'groups', outputs: foldGroups(query, select, analysis) }
}

const NO_FOLDS: Folds = { kind: 'subqueries', outputs: [] }

function foldSubqueries(
  query: CanonicalQuery,
  select: SelectStmt,
  analysis: Unfolded,
): readonly FoldedOutput[] {
  return targetsOf(select).flatMap(({ value }, output): readonly FoldedOutput[] => {
    const subqueries = subqueriesIn(value)
    if (!subqueries.some((it) => aggregatesIn(query, targetsOf(it)[0]?.value).length > 0)) return []
    const folded = judge(() => new Folding(query, select, analysis).fold(value))
    return [{ output, folded: folded.value, because: folded.because }]
  })
}

/** All columns or none: what is computed anew for a group is computed for all of it. */
function foldGroups(query: CanonicalQuery, select: SelectStmt, analysis: Unfolded): readonly FoldedOutput[] {
  const outputs = targetsOf(select).flatMap(({ value }, output) =>
    aggregatesIn(query, value).length === 0 ? [] : [{ value, output }],
  )
  const folded = judge(() => {
    const others = targetsOf(select).length - outputs.length
    if (others !== select.groupClause?.length) {
      throw new NotFoldable('the row also shows what is neither its key nor an aggregate')
    }
    const fold = (countsRows: boolean) =>
      outputs.map(({ value }, i) =>
        new Folding(query, select, analysis).foldGroup(value, countsRows && i === 0),
      )
    const values = fold(false)
    return values.some(({ subqueries }) => subqueries.some((it) => it.states.some(isRowCount)))
      ? values
      : fold(true)
  })
  return outputs.map(({ output }, i) => ({
    output,
    folded: folded.value?.[i] ?? null,
    because: folded.because,
  }))
}

/** The state that tells whether a group has rows at all. */
export function isRowCount({ kind, argument, filter }: FoldState): boolean {
  return kind === 'count' && argument === null && filter === null
}

function judge<T>(fold: () => T): { readonly value: T | null; readonly because: string } {
  try {
    return { value: fold(), because: 'each change adds to it or takes from it' }
  } catch (error) {
    if (error instanceof NotFoldable) return { value: null, because: error.message }
    throw error
  }
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
