import type { CanonicalQuery, Relation } from '../catalog/catalog.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { FuncCall, Node, SelectStmt, SortBy } from '../sql/parse.ts'
import {
  asEquality,
  branchesOf,
  columnRefsIn,
  conjuncts,
  functionName,
  namesOf,
  targetsOf,
} from './ast/nodes.ts'
import { hasNode, walk } from './ast/walk.ts'
import { plainReference } from './edges.ts'
import { outputNames } from './flatten.ts'

/** A place where rows that tie would give different answers. */
export interface OpenOrder {
  readonly what: string
  readonly missing: readonly string[]
  /** `order`: an ORDER BY does not settle it. `equal`: values that are equal need not be the same. */
  readonly kind: 'order' | 'equal'
}

const ORDER_SENSITIVE =
  /^(array_agg|string_agg|xmlagg|any_value|mode|jsonb?_(object_)?agg(_strict|_unique)*)$/

/** Finds aggregates, arrays and LIMITs whose ORDER BY does not settle the answer. */
export function findOpenOrders(query: CanonicalQuery, select: SelectStmt): readonly OpenOrder[] {
  return [...openUnions(select), ...branchesOf(select).flatMap((branch) => inBranch(query, branch))]
}

/** A LIMIT over a set operation: the rows of its branches have no order that is known to be total. */
function openUnions(select: SelectStmt): readonly OpenOrder[] {
  if (select.op === undefined || select.op === 'SETOP_NONE') return []
  const inner = [select.larg, select.rarg].flatMap((side) => (side === undefined ? [] : openUnions(side)))
  return hasLimit(select) ? [{ what: 'LIMIT', missing: outputNames(select), kind: 'order' }, ...inner] : inner
}

function inBranch(query: CanonicalQuery, select: SelectStmt): readonly OpenOrder[] {
  const found: OpenOrder[] = []
  const rows = rowsOf(query, select)
  const group = (select.groupClause ?? []).flatMap((it) => columnOf(it) ?? [])
  const ungrouped = notSettled(
    rows,
    group,
    (select.groupClause ?? []).filter((it) => columnOf(it) !== undefined),
  )
  if (ungrouped.length > 0) found.push({ what: 'GROUP BY', missing: ungrouped, kind: 'equal' })

  walk(Object.values(select), ({ node }) => {
    if ('FuncCall' in node && isOrderSensitive(query, node.FuncCall)) {
      const { agg_order: order, args, agg_distinct: isDistinct } = node.FuncCall
      // array_agg(distinct x) sorts by x itself.
      const sorted = isDistinct === true ? (args ?? []) : sortExpressions(order)
      const missing = notSettled(rows, [...sorted.flatMap((it) => columnOf(it) ?? []), ...group], args ?? [])
      if (missing.length > 0) found.push({ what: functionName(node.FuncCall), missing, kind: 'order' })
    }
    if ('FuncCall' in node && isExtreme(query, node.FuncCall)) {
      const missing = notIdentical(query, rows, group, node.FuncCall)
      if (missing.length > 0) found.push({ what: functionName(node.FuncCall), missing, kind: 'equal' })
    }
    const inner =
      'SubLink' in node
        ? node.SubLink.subselect
        : 'RangeSubselect' in node
          ? node.RangeSubselect.subquery
          : undefined
    if (inner === undefined || !('SelectStmt' in inner)) return undefined
    found.push(...findOpenOrders(query, inner.SelectStmt))
    if ('SubLink' in node && node.SubLink.subLinkType === 'ARRAY_SUBLINK')
      found.push(...openArray(query, inner.SelectStmt))
    return 'skip'
  })
  return [...found, ...(hasLimit(select) ? openRows('LIMIT', select, rows) : [])]
}

/** ARRAY(SELECT …) takes the rows in the order in which they come. */
function openArray(query: CanonicalQuery, select: SelectStmt): readonly OpenOrder[] {
  if (branchesOf(select).length > 1) return [{ what: 'ARRAY', missing: outputNames(select), kind: 'order' }]
  return openRows('ARRAY', select, rowsOf(query, select))
}

function isOrderSensitive(query: CanonicalQuery, call: FuncCall): boolean {
  const name = functionName(call)
  const isOwn = query.calls.some((it) => it.kind === 'aggregate' && it.name === name && !it.builtin)
  return call.over === undefined && (isOwn || ORDER_SENSITIVE.test(name))
}

function isExtreme(query: CanonicalQuery, call: FuncCall): boolean {
  const name = functionName(call)
  return /^(min|max)$/.test(name) && query.calls.some((it) => it.kind === 'aggregate' && it.name === name)
}

/** The greatest of 1.0 and 1.00 is whichever the server met first. */
function notIdentical(
  query: CanonicalQuery,
  rows: Rows,
  group: readonly string[],
  call: FuncCall,
): readonly string[] {
  const [argument] = call.args ?? []
  const column = argument && columnOf(argument)
  if (argument === undefined || hasFixedScale(argument)) return []
  if (column !== undefined && rows.columns.has(column))
    return notSettled(rows, [column, ...group], [argument])

  const types = query.calls
    .filter((it) => it.kind === 'aggregate' && it.name === functionName(call))
    .flatMap((it) => it.argumentTypes)
  return types.filter((it) => LOOSE_TYPES.test(it)).map((it) => `a value of type ${it}`)
}

/** `x::numeric(10, 2)` and `round(x, 2)` print all their values alike. */
function hasFixedScale(expression: Node): boolean {
  if ('FuncCall' in expression) {
    const { args } = expression.FuncCall
    return /^(round|trunc)$/.test(functionName(expression.FuncCall)) && args?.length === 2
  }
  return 'TypeCast' in expression && (expression.TypeCast.typeName?.typmods ?? []).length > 0
}

const LOOSE_TYPES = /^(numeric|real|double precision|interval|time with time zone|character|jsonb|.*citext)$/

function hasLimit({ limitCount, limitOffset }: SelectStmt): boolean {
  return limitCount !== undefined || limitOffset !== undefined
}

/** Rows that tie must not differ, nor groups of rows. */
function openRows(what: string, select: SelectStmt, rows: Rows): readonly OpenOrder[] {
  const sorted = sortExpressions(select.sortClause).flatMap((it) => columnOf(it) ?? [])
  const values = targetsOf(select).map(({ value }) => value)
  const missing = notSettled(rows, sorted, [...values, ...(select.groupClause ?? [])])
  return missing.length === 0 ? [] : [{ what, missing, kind: 'order' }]
}

function sortExpressions(order: readonly Node[] | undefined): readonly Node[] {
  const isSort = (node: Node): node is { SortBy: SortBy } => 'SortBy' in node
  return (order ?? []).filter(isSort).flatMap(({ SortBy: { node } }) => node ?? [])
}

/** What is known of the rows that a SELECT reads: which columns settle which others. Columns are `alias.column`. */
interface Rows {
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

interface Dependency {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** Columns that `expressions` read and that may still differ between rows that agree on `known`. */
function notSettled(rows: Rows, known: readonly string[], expressions: readonly Node[]): readonly string[] {
  const settled = closure(rows, known)
  const read = columnRefsIn(expressions).map((ref) => namesOf(ref.fields).join('.'))
  return [...new Set(read)].filter((column) => isOfRows(rows, column) && !settled.has(column))
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

function rowsOf(query: CanonicalQuery, select: SelectStmt): Rows {
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

  const kept = rows.dependencies.flatMap(({ from }) => {
    const outside = from.map(outer)
    if (outside.some((name) => name === undefined) || select.groupClause !== undefined) return []
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
    identical: new Set(mapped.filter(([, column]) => rows.identical.has(column)).map(([name]) => name)),
    origin: new Map(
      mapped.flatMap(([name, column]) =>
        rows.origin.has(column) ? [[name, rows.origin.get(column) ?? ''] as const] : [],
      ),
    ),
  }
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

function columnOf(expression: Node): string | undefined {
  const plain = plainReference(expression)
  return plain && `${plain.table}.${plain.column}`
}
