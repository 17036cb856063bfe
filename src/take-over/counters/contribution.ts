import { asEquality, conjuncts, namesOf } from '../../analyze/ast/nodes.ts'
import { hasNode, mapTree, walk } from '../../analyze/ast/walk.ts'
import type { RelationName } from '../../compile/plan.ts'
import { shapeOf } from '../../sql/deparse.ts'
import type { Node, RangeVar } from '../../sql/parse.ts'
import type { FoundRelation } from '../catalog.ts'
import type { TriggerEvent } from '../function-body.ts'

/** What one statement of a trigger does to one column of a table, or to the row itself (`column` null). */
export interface Contribution {
  /** The table with the trigger. */
  readonly source: RelationName
  readonly event: TriggerEvent
  readonly guards: readonly Node[]
  /** Columns of the table that find the row, each with what it equals, over `new` and `old`. */
  readonly key: ReadonlyMap<string, Node>
  readonly column: string | null
  readonly effect:
    | { readonly kind: 'delta'; readonly sign: 1 | -1; readonly amount: Node }
    | { readonly kind: 'value'; readonly value: Node }
    | { readonly kind: 'unclear'; readonly text: string }
}

type Effect = Contribution['effect']
type Common = Pick<Contribution, 'source' | 'event' | 'guards'>

export const ONE: Node = { A_Const: { ival: { ival: 1 } } }

/** Takes an INSERT, UPDATE or DELETE of a trigger apart, column by column; undefined where its rows are not found by equalities. */
export function contributionsOf(
  table: FoundRelation,
  statement: Node,
  common: Common,
): readonly Contribution[] | undefined {
  if ('InsertStmt' in statement) return fromInsert(table, statement.InsertStmt, common)
  if ('UpdateStmt' in statement) {
    const { relation, targetList = [], whereClause, fromClause = [] } = statement.UpdateStmt
    const key = fromClause.length > 0 ? undefined : keyOf(table, relation, whereClause)
    return key === undefined
      ? undefined
      : settings(table, relation, targetList, new Map(), { ...common, key })
  }
  if ('DeleteStmt' in statement) {
    const { relation, whereClause, usingClause = [] } = statement.DeleteStmt
    const key = usingClause.length > 0 ? undefined : keyOf(table, relation, whereClause)
    const gone: Effect = { kind: 'delta', sign: -1, amount: ONE }
    return key === undefined ? undefined : [{ ...common, key, column: null, effect: gone }]
  }
  return undefined
}

type Insert = Extract<Node, { InsertStmt: unknown }>['InsertStmt']

function fromInsert(
  table: FoundRelation,
  { relation, cols = [], selectStmt, onConflictClause }: Insert,
  common: Common,
): readonly Contribution[] | undefined {
  const names = cols.length === 0 ? table.columns.map(({ name }) => name) : cols.map(targetName)
  const rows = selectStmt !== undefined && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined
  const values = oneRow(rows?.valuesLists, rows?.targetList, rows?.fromClause)
  if (values === undefined) return undefined
  const inserted = new Map(
    names.flatMap((name, i) => (values[i] === undefined ? [] : [[name, values[i]] as const])),
  )
  const wanted = (onConflictClause?.infer?.indexElems ?? []).map((it) =>
    'IndexElem' in it ? (it.IndexElem.name ?? '') : '',
  )
  const unique = wanted.length > 0 ? wanted : keyColumns(table, [...inserted.keys()])
  if (unique === undefined || !unique.every((it) => inserted.has(it))) return undefined
  const key = new Map(
    unique.flatMap((it) => (inserted.has(it) ? [[it, inserted.get(it) ?? ONE] as const] : [])),
  )
  const row: Contribution = { ...common, key, column: null, effect: { kind: 'delta', sign: 1, amount: ONE } }
  if (onConflictClause?.action === 'ONCONFLICT_UPDATE') {
    const { targetList = [] } = onConflictClause
    return [row, ...settings(table, relation, targetList, inserted, { ...common, key })]
  }
  const others = [...inserted].filter(([name]) => !key.has(name))
  return [
    row,
    ...others.map(([column, value]) => ({
      ...common,
      key,
      column,
      effect: { kind: 'value', value } as const,
    })),
  ]
}

/** The expressions of one row, of VALUES or of a SELECT without FROM. */
function oneRow(
  lists: readonly Node[] | undefined,
  targets: readonly Node[] | undefined,
  from: readonly Node[] | undefined,
): readonly Node[] | undefined {
  const [first, ...more] = lists ?? []
  if (first !== undefined) return more.length === 0 && 'List' in first ? (first.List.items ?? []) : undefined
  if (from !== undefined && from.length > 0) return undefined
  return targets?.flatMap((it) =>
    'ResTarget' in it && it.ResTarget.val !== undefined ? [it.ResTarget.val] : [],
  )
}

/** A unique key among these columns, the primary one first. */
export function keyColumns(table: FoundRelation, among: readonly string[]): readonly string[] | undefined {
  const unique = table.indexes.filter(
    (it) => it.isUnique && (it.columns ?? []).every((name) => among.includes(name)),
  )
  return (unique.find((it) => it.isPrimary) ?? unique[0])?.columns ?? undefined
}

function targetName(target: Node): string {
  return 'ResTarget' in target ? (target.ResTarget.name ?? '') : ''
}

function settings(
  table: FoundRelation,
  relation: RangeVar | undefined,
  targets: readonly Node[],
  inserted: ReadonlyMap<string, Node>,
  common: Common & Pick<Contribution, 'key'>,
): readonly Contribution[] {
  return targets.flatMap((target) => {
    if (!('ResTarget' in target) || target.ResTarget.val === undefined) return []
    const column = target.ResTarget.name ?? ''
    const value = withInserted(target.ResTarget.val, inserted)
    return [{ ...common, column, effect: effectOf(value, (it) => isOwn(it, table, relation, column)) }]
  })
}

/** `excluded.n` is what the INSERT would have put there. */
function withInserted(value: Node, inserted: ReadonlyMap<string, Node>): Node {
  return mapTree(value, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [first, name = ''] = namesOf(node.ColumnRef.fields)
    return first === 'excluded' ? inserted.get(name) : undefined
  })
}

/** The column itself, or `coalesce` of it and 0. */
function isOwn(node: Node, table: FoundRelation, relation: RangeVar | undefined, column: string): boolean {
  if ('CoalesceExpr' in node) {
    const [first, second] = node.CoalesceExpr.args ?? []
    return first !== undefined && isOwn(first, table, relation, column) && isZero(second)
  }
  return ownColumn(node, table, relation) === column
}

function ownColumn(node: Node, table: FoundRelation, relation: RangeVar | undefined): string | undefined {
  if (!('ColumnRef' in node)) return undefined
  const names = namesOf(node.ColumnRef.fields)
  const [name = '', owner] = names.toReversed()
  const isOfTable = owner === undefined || owner === (relation?.alias?.aliasname ?? table.name)
  return isOfTable && table.columns.some((it) => it.name === name) ? name : undefined
}

function effectOf(value: Node, isColumn: (node: Node) => boolean): Effect {
  if ('MinMaxExpr' in value && value.MinMaxExpr.op === 'IS_GREATEST') {
    const args = value.MinMaxExpr.args ?? []
    const [other] = args.filter((it) => !isZero(it))
    if (args.length === 2 && args.some(isZero) && other !== undefined) return effectOf(other, isColumn)
  }
  if ('A_Expr' in value) {
    const { kind, name, lexpr, rexpr } = value.A_Expr
    const operator = kind === 'AEXPR_OP' ? namesOf(name).at(-1) : undefined
    if (lexpr !== undefined && rexpr !== undefined) {
      if (operator === '+' && isColumn(lexpr)) return { kind: 'delta', sign: 1, amount: rexpr }
      if (operator === '+' && isColumn(rexpr)) return { kind: 'delta', sign: 1, amount: lexpr }
      if (operator === '-' && isColumn(lexpr)) return { kind: 'delta', sign: -1, amount: rexpr }
    }
  }
  const found: Node[] = []
  walk(value, ({ node }) => {
    if ('SubLink' in node) return 'skip'
    if (isColumn(node)) found.push(node)
    return undefined
  })
  return found.length > 0 ? { kind: 'unclear', text: 'is computed from itself' } : { kind: 'value', value }
}

function isZero(node: Node | undefined): boolean {
  // The parser leaves out what is 0.
  return (
    node !== undefined &&
    'A_Const' in node &&
    node.A_Const.ival !== undefined &&
    (node.A_Const.ival.ival ?? 0) === 0
  )
}

/** The columns of the table that WHERE equates with something of the changed row; other conditions on its own columns may stand beside. */
function keyOf(
  table: FoundRelation,
  relation: RangeVar | undefined,
  where: Node | undefined,
): ReadonlyMap<string, Node> | undefined {
  const key = new Map<string, Node>()
  for (const condition of conjuncts(where)) {
    const equal = asEquality(condition)
    if (equal === undefined) continue
    for (const [own, other] of [
      [equal.left, equal.right],
      [equal.right, equal.left],
    ] as const) {
      const column = ownColumn(own, table, relation)
      if (column !== undefined && refersToRow(other) && !key.has(column)) key.set(column, other)
    }
  }
  return key.size === 0 ? undefined : key
}

/** It mentions `new` or `old`. */
export function refersToRow(node: Node, rows: readonly string[] = ['new', 'old']): boolean {
  let found = false
  walk(node, (visit) => {
    if ('ColumnRef' in visit.node) {
      const names = namesOf(visit.node.ColumnRef.fields)
      if (names.length > 1 && rows.includes(names[0] ?? '')) found = true
    }
  })
  return found
}

/** `now()` in one of its forms. */
export function isClock(node: Node): boolean {
  const clocks = ['now', 'clock_timestamp', 'statement_timestamp', 'transaction_timestamp']
  if ('SQLValueFunction' in node) return true
  if ('TypeCast' in node) return node.TypeCast.arg !== undefined && isClock(node.TypeCast.arg)
  if ('FuncCall' in node) return clocks.includes(namesOf(node.FuncCall.funcname).at(-1) ?? '')
  if ('CollateClause' in node || hasNode(node, 'SubLink')) return false
  return false
}

export function sameKey(a: ReadonlyMap<string, Node>, b: ReadonlyMap<string, Node>): boolean {
  return shapeOf([...a].sort(byName)) === shapeOf([...b].sort(byName))
}

function byName([a]: readonly [string, Node], [b]: readonly [string, Node]): number {
  return a < b ? -1 : 1
}
