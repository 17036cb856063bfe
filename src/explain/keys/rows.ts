import { asEquality, columnRefsIn, conjuncts, namesOf, targetsOf } from '../../analyze/ast/nodes.ts'
import { hasNode } from '../../analyze/ast/walk.ts'
import { findRelation, type CanonicalQuery } from '../../catalog/catalog.ts'
import { shapeOf } from '../../sql/deparse.ts'
import type { JoinExpr, Node, RangeSubselect, RangeVar, SelectStmt } from '../../sql/parse.ts'
import { keysOfSelect } from './candidate-keys.ts'
import type { Dependence } from './dependence.ts'

/** One item of FROM, with the sets of its columns that are known to identify a row of it. */
export interface Item {
  readonly alias: string
  /** `public.projects`; null for a subquery. */
  readonly table: string | null
  readonly columns: readonly string[]
  readonly keys: readonly (readonly string[])[]
}

/** The rows that FROM and WHERE give, as far as one value settles another in them. */
export interface Rows {
  readonly items: readonly Item[]
  readonly rules: readonly Dependence[]
}

/** Reads FROM and WHERE of a plain SELECT. What it does not know is settled by nothing, so it never claims too much. */
export function rowsOf(query: CanonicalQuery, select: SelectStmt): Rows {
  const parts = (select.fromClause ?? []).map((it) => itemsIn(query, it))
  const items = parts.flatMap((it) => it.items)
  const aliases = items.map(({ alias }) => alias)
  const where = conjuncts(select.whereClause).flatMap((it) => bothWays(it, aliases))
  return { items, rules: [...parts.flatMap((it) => it.rules), ...where].map((it) => within(it, aliases)) }
}

/** What a LATERAL subquery reads from further out is the same for all rows here. */
function within({ from, to }: Dependence, aliases: readonly string[]): Dependence {
  const rows = aliases.map(rowToken)
  return { from: from.filter((it) => !isRow(it) || rows.includes(it)), to }
}

export const rowToken = (alias: string): string => `row ${alias}`
const isRow = (token: string): boolean => token.startsWith('row ')
export const columnToken = (alias: string, column: string): string => JSON.stringify([alias, column])

/** The name of a value: its column, or the shape of an expression. */
export function tokenOf(value: Node): string {
  const column = plainColumn(value)
  return column === undefined ? `value ${shapeOf(value)}` : columnToken(...column)
}

/** An expression is settled by the columns in it, unless it calls something or looks something up. */
export function valueRule(value: Node): readonly Dependence[] {
  if (plainColumn(value) !== undefined) return []
  const isOwn = !['FuncCall', 'SubLink', 'SQLValueFunction'].some((type) => hasNode(value, type))
  const columns = columnRefsIn(value).map((ref) => namesOf(ref.fields))
  if (!isOwn || columns.some((names) => names.length !== 2 || names.includes('*'))) return []
  return [
    { from: columns.map(([alias = '', column = '']) => columnToken(alias, column)), to: tokenOf(value) },
  ]
}

function itemsIn(query: CanonicalQuery, node: Node): Rows {
  if ('RangeVar' in node) return tableRows(query, node.RangeVar)
  if ('RangeSubselect' in node) return subqueryRows(query, node.RangeSubselect)
  if ('JoinExpr' in node) return joinRows(query, node.JoinExpr)
  // A function's rows may repeat: an item that nothing settles.
  return { items: [{ alias: shapeOf(node), table: null, columns: [], keys: [] }], rules: [] }
}

function tableRows(query: CanonicalQuery, { schemaname = '', relname = '', alias }: RangeVar): Rows {
  const relation = findRelation(query, schemaname, relname)
  const renamed = namesOf(alias?.colnames)
  const names = (relation?.columns ?? []).map(({ name }, i) => [name, renamed[i] ?? name] as const)
  const called = (column: string) => names.find(([name]) => name === column)?.[1] ?? column
  return identified({
    alias: alias?.aliasname ?? relname,
    table: `${schemaname}.${relname}`,
    columns: names.map(([, name]) => name),
    // A partition's or a child's own keys hold for its rows; a parent without children has all its rows itself.
    keys:
      relation === undefined || relation.hasChildren ? [] : relation.uniqueKeys.map((key) => key.map(called)),
  })
}

function subqueryRows(query: CanonicalQuery, { alias, subquery, lateral }: RangeSubselect): Rows {
  const select = subquery !== undefined && 'SelectStmt' in subquery ? subquery.SelectStmt : undefined
  const aliasname = alias?.aliasname ?? ''
  if (select === undefined)
    return { items: [{ alias: aliasname, table: null, columns: [], keys: [] }], rules: [] }
  const { outputs, keys } = keysOfSelect(query, select)
  const renamed = namesOf(alias?.colnames)
  const columns = outputs.map((name, i) => renamed[i] ?? name)
  const item = {
    alias: aliasname,
    table: null,
    columns,
    keys: keys.map((key) => key.map((i) => columns[i] ?? '')),
  }
  // Beside LATERAL each outer row has rows of its own.
  return identified(item, lateral === true ? outerAliases(select).map(rowToken) : [])
}

/** Aliases that a subquery reads and, perhaps, does not have itself: those that it has are never settled by that name outside. */
function outerAliases(select: SelectStmt): readonly string[] {
  const own = new Set<string>()
  const read = columnRefsIn(select).map((ref) => namesOf(ref.fields)[0] ?? '')
  for (const node of select.fromClause ?? []) for (const alias of aliasesIn(node)) own.add(alias)
  return [...new Set(read)].filter((it) => !own.has(it))
}

function aliasesIn(node: Node): readonly string[] {
  if ('RangeVar' in node) return [node.RangeVar.alias?.aliasname ?? node.RangeVar.relname ?? '']
  if ('RangeSubselect' in node) return [node.RangeSubselect.alias?.aliasname ?? '']
  if (!('JoinExpr' in node)) return []
  return [node.JoinExpr.larg, node.JoinExpr.rarg].flatMap((it) => (it === undefined ? [] : aliasesIn(it)))
}

/** A row is settled by any of its keys, and settles its columns. */
function identified(item: Item, needed: readonly string[] = []): Rows {
  const { alias, keys, columns } = item
  const row = rowToken(alias)
  return {
    items: [item],
    rules: [
      ...keys.map((key) => ({ from: [...needed, ...key.map((it) => columnToken(alias, it))], to: row })),
      ...columns.map((column) => ({ from: [row], to: columnToken(alias, column) })),
    ],
  }
}

function joinRows(query: CanonicalQuery, { larg, rarg, jointype, quals }: JoinExpr): Rows {
  const [left, right] = [larg, rarg].map((it) =>
    it === undefined ? { items: [], rules: [] } : itemsIn(query, it),
  )
  if (left === undefined || right === undefined) return { items: [], rules: [] }
  const items = [...left.items, ...right.items]
  const conditions = conjuncts(quals)
  if (jointype === 'JOIN_LEFT') return { items, rules: outerRules(conditions, left, right) }
  if (jointype === 'JOIN_RIGHT') return { items, rules: outerRules(conditions, right, left) }
  if (jointype !== undefined && jointype !== 'JOIN_INNER') {
    return { items, rules: [...optionalRules(left), ...optionalRules(right)] }
  }
  const aliases = items.map(({ alias }) => alias)
  return {
    items,
    rules: [...left.rules, ...right.rules, ...conditions.flatMap((it) => bothWays(it, aliases))],
  }
}

function outerRules(conditions: readonly Node[], preserved: Rows, optional: Rows): readonly Dependence[] {
  return [
    ...preserved.rules,
    ...optionalRules(optional, preserved),
    ...conditions.flatMap((it) => oneWay(it, preserved.items, optional.items)),
  ]
}

/**
 * What still holds where rows may be missing. A null in the key of a table says that its row is missing; in that of a subquery
 * it may be a value, and an empty key says nothing: there all rows of the preserved side must be known too.
 */
function optionalRules({ items, rules }: Rows, preserved?: Rows): readonly Dependence[] {
  const subqueries = items.filter(({ table }) => table === null).map(({ alias }) => rowToken(alias))
  return rules.flatMap((rule) => {
    if (isRow(rule.to) && !subqueries.includes(rule.to)) return [rule]
    if (rule.from.length === 1 && rule.from.every(isRow)) return [rule]
    if (preserved === undefined) return []
    return [{ from: [...rule.from, ...preserved.items.map(({ alias }) => rowToken(alias))], to: rule.to }]
  })
}

/** A condition that every row meets. */
function bothWays(condition: Node, aliases: readonly string[]): readonly Dependence[] {
  return sidesOf(condition).flatMap(([to, from]) => {
    const settled = sourceOf(from, aliases)
    return settled === undefined || !isOf(to, aliases) ? [] : [{ from: settled, to: tokenOf(to) }]
  })
}

/**
 * The condition of an outer join. All rows of the preserved side together say which row of the optional side is matched, or
 * that none is; one column of them does not, for another condition may keep one of two that agree in it from matching.
 */
function oneWay(
  condition: Node,
  preserved: readonly Item[],
  optional: readonly Item[],
): readonly Dependence[] {
  const [from, to] = [preserved, optional].map((items) => items.map(({ alias }) => alias))
  return sidesOf(condition).flatMap(([right, left]) => {
    const settled = sourceOf(left, [...(from ?? []), ...(to ?? [])])
    if (settled === undefined || !isOf(right, to ?? []) || isOf(left, to ?? [])) return []
    return [{ from: [...(from ?? []).map(rowToken), ...settled], to: tokenOf(right) }]
  })
}

/** `a = b`, and `b = a`. */
function sidesOf(condition: Node): readonly (readonly [Node, Node])[] {
  const equality = asEquality(condition)
  if (equality === undefined) return []
  const { left, right } = equality
  return [
    [left, right],
    [right, left],
  ]
}

/** What settles one side of an equality: its own column, or nothing for a constant or what stands outside. */
function sourceOf(side: Node, aliases: readonly string[]): readonly string[] | undefined {
  if (isConstant(side)) return []
  const column = plainColumn(side)
  if (column === undefined) return undefined
  return aliases.includes(column[0]) ? [columnToken(...column)] : []
}

function isOf(side: Node, aliases: readonly string[]): boolean {
  const column = plainColumn(side)
  return column !== undefined && aliases.includes(column[0])
}

export function isConstant(node: Node): boolean {
  if ('A_Const' in node) return true
  return 'TypeCast' in node && node.TypeCast.arg !== undefined && isConstant(node.TypeCast.arg)
}

/** Alias and name of a bare column. */
function plainColumn(value: Node): readonly [alias: string, column: string] | undefined {
  if (!('ColumnRef' in value)) return undefined
  const [alias, column, ...more] = namesOf(value.ColumnRef.fields)
  if (alias === undefined || column === undefined || column === '*' || more.length > 0) return undefined
  return [alias, column]
}

/** The select list's values, in order. */
export function valuesOf(select: SelectStmt): readonly Node[] {
  return targetsOf(select).map(({ value }) => value)
}
