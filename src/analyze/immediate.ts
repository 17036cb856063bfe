import type { CanonicalQuery, Relation } from '../catalog/catalog.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { Analysis, FoldedSubquery, Occurrence } from './analysis.ts'
import { branchesOf, columnRef, columnRefsIn, conjuncts, namesOf, targetsOf } from './ast/nodes.ts'
import { hasNode, walk } from './ast/walk.ts'
import { plainReference } from './edges.ts'
import { callsOnlyImmutable } from './filters.ts'

/** How the writers of an immediate read model can keep it themselves. */
export type Immediacy =
  | { readonly kind: 'groups' }
  /** Each row of `root` is a row of the model, or is kept out by `condition`; all else is added up. */
  | {
      readonly kind: 'rows'
      readonly root: Occurrence
      /** The root's alias in the query. */
      readonly alias: string
      readonly condition: Node | null
    }
  | { readonly kind: 'recompute'; readonly because: string }

/** Says why; thrown from wherever that is found out. */
class NotPureFold extends Error {}

/** Why the locks of writers cannot keep changes of such a model apart; undefined where they can. */
export function notImmediate({ paths, clocks }: Analysis): string | undefined {
  if (paths.some((it) => it.isDeclared === true)) return 'a function of it reads tables'
  if (clocks.length > 0) return 'it changes as time passes, when nobody writes'
  if (paths.some((it) => it.readsOld)) return 'its key comes from several tables'
  if (paths.some((it) => it.hops.some(({ relation }) => relation === null)))
    return 'a way to its key leads over rows that are computed'
  return paths.some(({ unit }) => someNode(unit, isTypedNull))
    ? 'its key comes from the optional side of an outer join'
    : undefined
}

function isTypedNull(node: Node): boolean {
  if (!('TypeCast' in node) || node.TypeCast.arg === undefined) return false
  return 'A_Const' in node.TypeCast.arg && node.TypeCast.arg.A_Const.isnull === true
}

function someNode(tree: unknown, condition: (node: Node) => boolean): boolean {
  let found = false
  walk(tree, ({ node }) => {
    if (condition(node)) found = true
  })
  return found
}

/**
 * A read model is kept by adding in the writer's own statement only if all of it can be: a row that is computed anew by one
 * writer and added to by another is wrong in the end (LESSONS 7).
 */
export function judgeImmediacy(query: CanonicalQuery, key: readonly string[], analysis: Analysis): Immediacy {
  const { folds, unit, select } = analysis
  try {
    if (key.length !== unit.length) throw new NotPureFold('several of its rows share a unit')
    if (folds.first !== null) {
      throw new NotPureFold('its rows are first ones, and who takes one away must look for the next')
    }
    const unfolded = folds.outputs.find((it) => it.folded === null)
    if (unfolded !== undefined) {
      const name = query.columns[unfolded.output]?.name ?? ''
      throw new NotPureFold(`${name} does not fold: ${unfolded.because}`)
    }
    const first = folds.outputs.find(({ folded }) => folded?.subqueries.some((it) => it.firsts.length > 0))
    if (first !== undefined) {
      const name = query.columns[first.output]?.name ?? ''
      throw new NotPureFold(`${name} is of a first row, and who takes that away must look for the next`)
    }
    if (folds.kind === 'groups') {
      if (folds.outputs.length === 0) throw new NotPureFold('nothing counts the rows of its groups')
      return { kind: 'groups' }
    }
    return rowsOf(query, select, analysis)
  } catch (error) {
    if (error instanceof NotPureFold) return { kind: 'recompute', because: error.message }
    throw error
  }
}

/** A root of one table whose rows are found again by the key, and subqueries that only add up. */
function rowsOf(query: CanonicalQuery, select: SelectStmt, analysis: Analysis): Immediacy {
  const isPlain =
    branchesOf(select).length === 1 && select.groupClause === undefined && select.havingClause === undefined
  const [from, ...more] = select.fromClause ?? []
  if (
    !isPlain ||
    from === undefined ||
    more.length > 0 ||
    !('RangeVar' in from) ||
    from.RangeVar.alias?.colnames
  ) {
    throw new NotPureFold('its rows are not those of one table')
  }
  const alias = from.RangeVar.alias?.aliasname ?? from.RangeVar.relname ?? ''
  const subqueries = analysis.folds.outputs.flatMap(({ folded }) => folded?.subqueries ?? [])
  const folded = subqueries.map((it) => it.occurrence)
  const [root, ...others] = analysis.occurrences.filter((it) => !folded.includes(it.alias))
  if (root === undefined || others.length > 0) {
    throw new NotPureFold(`it reads ${others[0]?.relation.name ?? 'more tables'} besides what it adds up`)
  }

  const key = keyColumns(analysis, select, alias, root)
  requireOwn(query, select, analysis, alias)
  for (const it of subqueries) requireForeignKey(analysis, it, root.relation, key)
  return { kind: 'rows', root, alias, condition: select.whereClause ?? null }
}

/** The root's own columns that are the key; a row must be found by them, and be the only one. */
function keyColumns(
  { unit }: Analysis,
  select: SelectStmt,
  alias: string,
  { relation }: Occurrence,
): readonly string[] {
  const outputs = targetsOf(select)
  const columns = unit.map(({ output }) => {
    const value = outputs[output]?.value
    const own = value !== undefined && 'ColumnRef' in value ? plainReference(value) : undefined
    return own?.table === alias ? own.column : ''
  })
  const differing = columns.find(
    (name) => relation.columns.find((it) => it.name === name)?.identical === false,
  )
  if (differing !== undefined)
    throw new NotPureFold(`equal values of ${differing} may differ, as 1.0 and 1.00 do`)
  const isUnique = relation.uniqueKeys.some((key) => key.every((it) => columns.includes(it)))
  if (columns.includes('') || !isUnique) {
    throw new NotPureFold(`its key is no unique key of ${relation.name}`)
  }
  return columns
}

/** What does not add up must be known from the root's row alone. */
function requireOwn(query: CanonicalQuery, select: SelectStmt, { folds }: Analysis, alias: string): void {
  const plain = targetsOf(select).filter((_, output) => !folds.outputs.some((it) => it.output === output))
  const values = [...plain.map(({ value }) => value), ...conjuncts(select.whereClause)]
  for (const value of values) {
    const isOwn = columnRefsIn(value).every((ref) => {
      const names = namesOf(ref.fields)
      return names[0] === alias && !names.includes('*') && names.length > 1
    })
    if (!isOwn || hasNode(value, 'SubLink') || !callsOnlyImmutable(query, value)) {
      throw new NotPureFold('a column or a condition needs more than the row itself and what is added up')
    }
  }
}

/** Rows without a parent would have to be remembered for a parent that may come: a foreign key rules them out. */
function requireForeignKey(
  { paths, occurrences }: Analysis,
  { occurrence: alias }: FoldedSubquery,
  parent: Relation,
  key: readonly string[],
): void {
  const child = occurrences.find((it) => it.alias === alias)
  const unit = paths.find((it) => it.occurrence === alias)?.unit
  const holds = child?.relation.foreignKeys.some(
    ({ columns, parentOid, parentColumns }) =>
      parentOid === parent.oid &&
      parentColumns.length === key.length &&
      shapeOf(key.map((column) => columnRef(alias, columns[parentColumns.indexOf(column)] ?? ''))) ===
        shapeOf(unit),
  )
  if (holds !== true) {
    throw new NotPureFold(
      `no validated foreign key leads from ${child?.relation.name ?? alias} to ${parent.name}`,
    )
  }
}
