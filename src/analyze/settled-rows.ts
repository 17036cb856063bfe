import type { CanonicalQuery, Relation } from '../catalog/catalog.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import { asEquality, branchesOf, columnRefsIn, conjuncts, namesOf, targetsOf } from './ast/nodes.ts'
import { hasNode } from './ast/walk.ts'
import { yieldsSets } from './barriers.ts'
import { plainReference } from './edges.ts'
import { columnsOfFunction } from './table-names.ts'
import { callsLoosely } from './loose-types.ts'
import { outputNames } from './ast/nodes.ts'

/** What is known of the rows that a SELECT reads: which columns settle which others. Columns are `alias.column`. */
export interface Rows {
  readonly columns: ReadonlySet<string>
  readonly dependencies: readonly Dependency[]
  /** Columns that are the same in all rows: equal to a constant or to a column of an outer query. */
  readonly fixed: readonly string[]
  readonly equal: readonly (readonly [string, string])[]
  /** Columns of types in which equal values are identical. */
  readonly identical: ReadonlySet<string>
  /** Where a column comes from: `schema.table.column`. */
  readonly origin: ReadonlyMap<string, string>
}

/** Nothing is known of the rows that a function makes, or that are written out, but their columns and perhaps their types. */
function computedPart(query: CanonicalQuery, alias: string, columns: readonly string[], from: unknown): Part {
  const all = columns.map((it) => `${alias}.${it}`)
  const identical = new Set(callsLoosely(query, from) || hasNode(from, 'Float') ? [] : all)
  return { columns: new Set(all), dependencies: [], identical, origin: new Map() }
}

interface Dependency {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** Columns that `expressions` read and that may still differ between rows that agree on `known`. */
export function notSettled(
  rows: Rows,
  known: readonly string[],
  expressions: readonly Node[],
): readonly string[] {
  const settled = closure(rows, known)
  const read = columnRefsIn(expressions).map((ref) => namesOf(ref.fields).join('.'))
  return [...new Set(read)].filter((column) => isOfRows(rows, column) && !isSettled(rows, settled, column))
}

/** A whole row is settled when each of its columns is. */
function isSettled(rows: Rows, settled: ReadonlySet<string>, column: string): boolean {
  if (!column.endsWith('.*')) return settled.has(column)
  const own = [...rows.columns].filter((it) => it.startsWith(column.slice(0, -1)))
  return own.length > 0 && own.every((it) => settled.has(it))
}

function isOfRows(rows: Rows, column: string): boolean {
  return rows.columns.has(column) || column.endsWith('.*')
}

/** Columns whose value, to the last bit, is the same in all rows that agree on `known` by `=`. */
function closure(rows: Rows, known: readonly string[]): ReadonlySet<string> {
  const agreed = new Set([...known, ...rows.fixed])
  const settled = new Set([...agreed].filter((column) => rows.identical.has(column)))
  for (let before = -1; before !== agreed.size + settled.size;) {
    before = agreed.size + settled.size
    for (const { from, to } of rows.dependencies) {
      if (!from.every((column) => agreed.has(column))) continue
      for (const column of to) {
        agreed.add(column)
        settled.add(column)
      }
    }
    for (const [a, b] of rows.equal) if (agreed.has(a) || agreed.has(b)) agreed.add(a).add(b)
  }
  return settled
}

export function rowsOf(query: CanonicalQuery, select: SelectStmt): Rows {
  const parts = (select.fromClause ?? []).flatMap((item) => partsIn(query, item))
  const columns = new Set(parts.flatMap((part) => [...part.columns]))
  const equalities = [
    ...conjuncts(select.whereClause),
    ...(select.fromClause ?? []).flatMap(innerConditions),
  ].flatMap((condition) => asEquality(condition) ?? [])

  const pairs = equalities.flatMap(({ left, right }) => [
    [columnOf(left), right] as const,
    [columnOf(right), left] as const,
  ])
  const own = pairs.filter(
    (pair): pair is readonly [string, Node] => pair[0] !== undefined && columns.has(pair[0]),
  )
  const readsOwn = (node: Node) =>
    columnRefsIn(node).some((ref) => columns.has(namesOf(ref.fields).join('.')))
  return {
    columns,
    dependencies: parts.flatMap((part) => part.dependencies),
    fixed: own.filter(([, other]) => !readsOwn(other)).map(([column]) => column),
    equal: own.flatMap(([column, other]) => {
      const name = columnOf(other)
      return name === undefined || !columns.has(name) ? [] : [[column, name] as const]
    }),
    identical: new Set(parts.flatMap((part) => [...part.identical])),
    origin: new Map(parts.flatMap((part) => [...part.origin])),
  }
}

type Part = Pick<Rows, 'columns' | 'dependencies' | 'identical' | 'origin'>

function partsIn(query: CanonicalQuery, item: Node): readonly Part[] {
  if ('JoinExpr' in item) {
    return [item.JoinExpr.larg, item.JoinExpr.rarg].flatMap((side) =>
      side === undefined ? [] : partsIn(query, side),
    )
  }
  if ('RangeVar' in item) {
    const { schemaname, relname = '', alias } = item.RangeVar
    const relation = query.relations.find((it) => it.schema === schemaname && it.name === relname)
    return relation === undefined ? [] : [tablePart(relation, alias?.aliasname ?? relname)]
  }
  if ('RangeFunction' in item) {
    const columns = columnsOfFunction(item.RangeFunction)
    return [computedPart(query, item.RangeFunction.alias?.aliasname ?? '', columns, item)]
  }
  if (
    'RangeSubselect' in item &&
    item.RangeSubselect.subquery !== undefined &&
    'SelectStmt' in item.RangeSubselect.subquery
  ) {
    const alias = item.RangeSubselect.alias
    return [
      derivedPart(
        query,
        item.RangeSubselect.subquery.SelectStmt,
        alias?.aliasname ?? '',
        namesOf(alias?.colnames),
      ),
    ]
  }
  return []
}

function tablePart(relation: Relation, alias: string): Part {
  const name = (column: string) => `${alias}.${column}`
  const all = relation.columns.map((it) => name(it.name))
  return {
    columns: new Set(all),
    dependencies: relation.uniqueKeys.map((key) => ({ from: key.map(name), to: all })),
    identical: new Set(relation.columns.filter((it) => it.identical).map((it) => name(it.name))),
    origin: new Map(
      relation.columns.map((it) => [name(it.name), `${relation.schema}.${relation.name}.${it.name}`]),
    ),
  }
}

/** A derived table keeps the dependencies whose columns it passes on, in every branch of a union from the same table. */
function derivedPart(
  query: CanonicalQuery,
  select: SelectStmt,
  alias: string,
  renamed: readonly string[],
): Part {
  const names = outputNames(select).map((name, i) => `${alias}.${renamed[i] ?? name}`)
  if (select.valuesLists !== undefined) {
    const columns = outputNames(select).map((name, i) => renamed[i] ?? name)
    return computedPart(query, alias, columns, select)
  }
  const branches = branchesOf(select).map((branch) => passedOn(query, branch, names))
  const [first, ...others] = branches
  if (first === undefined) throw new Error('a derived table without branches')

  const origin = new Map(
    [...first.origin].filter(([column, from]) =>
      others.every((branch) => branch.origin.get(column) === from),
    ),
  )
  const isShared = (column: string) => others.length === 0 || origin.has(column)
  return {
    columns: new Set(names),
    dependencies: first.dependencies
      .filter(({ from }) => from.every(isShared))
      .map(({ from, to }) => ({ from, to: to.filter(isShared) })),
    identical: new Set(
      [...first.identical].filter((column) => others.every((branch) => branch.identical.has(column))),
    ),
    origin,
  }
}

function passedOn(query: CanonicalQuery, select: SelectStmt, names: readonly string[]): Part {
  const rows = rowsOf(query, select)
  const targets = targetsOf(select).map(({ value }) => value)
  const plain = targets.map((value) => columnOf(value))
  const outer = (column: string) => names[plain.indexOf(column)]
  const grouped = (select.groupClause ?? []).map(
    (it) => names[targets.findIndex((value) => shapeOf(value) === shapeOf(it))],
  )

  // A set-returning function repeats its row.
  const hasOtherRows = select.groupClause !== undefined || targets.some((it) => yieldsSets(query, it))
  const kept = rows.dependencies.flatMap(({ from }) => {
    const outside = from.map(outer)
    if (outside.some((name) => name === undefined) || hasOtherRows) return []
    const settled = closure(rows, from)
    const to = names.filter((_, i) => readsOnly(targets[i], settled))
    return [{ from: outside.flatMap((name) => name ?? []), to }]
  })
  const byGroup =
    grouped.length === 0 || grouped.includes(undefined)
      ? []
      : [{ from: grouped.flatMap((it) => it ?? []), to: names }]
  const mapped = plain.flatMap((column, i) =>
    column === undefined ? [] : [[names[i] ?? '', column] as const],
  )
  return {
    columns: new Set(names),
    dependencies: [...kept, ...byGroup],
    identical: new Set(names.filter((_, i) => isIdentical(query, rows, targets[i]))),
    origin: new Map(
      mapped.flatMap(([name, column]) =>
        rows.origin.has(column) ? [[name, rows.origin.get(column) ?? ''] as const] : [],
      ),
    ),
  }
}

/** True if equal values of the expression are the same, as far as its columns and what it calls tell. */
export function isIdentical(query: CanonicalQuery, rows: Rows, expression: Node | undefined): boolean {
  if (expression === undefined || hasNode(expression, 'SubLink')) return false
  const columns = columnRefsIn(expression).map((ref) => namesOf(ref.fields).join('.'))
  if (columns.some((it) => isOfRows(rows, it) && !rows.identical.has(it))) return false
  return columnOf(expression) !== undefined || !callsLoosely(query, expression)
}

function readsOnly(expression: Node | undefined, settled: ReadonlySet<string>): boolean {
  return (
    !hasNode(expression, 'SubLink') &&
    columnRefsIn(expression).every((ref) => settled.has(namesOf(ref.fields).join('.')))
  )
}

function innerConditions(item: Node): readonly Node[] {
  if (!('JoinExpr' in item) || item.JoinExpr.jointype !== 'JOIN_INNER') return []
  const { larg, rarg, quals } = item.JoinExpr
  return [
    ...conjuncts(quals),
    ...[larg, rarg].flatMap((side) => (side === undefined ? [] : innerConditions(side))),
  ]
}

export function columnOf(expression: Node): string | undefined {
  const plain = plainReference(expression)
  return plain && `${plain.table}.${plain.column}`
}
