import { namesOf } from '../analyze/ast/nodes.ts'
import type { ColumnRef, Node, RangeVar, SelectStmt } from '../sql/parse.ts'

/** What a name before a column stands for, where the column is named. */
export interface Named {
  readonly item:
    | { readonly kind: 'table'; readonly table: RangeVar }
    | { readonly kind: 'select'; readonly select: SelectStmt }
  /** The optional side of an outer join: there may be no row. */
  readonly isOptional: boolean
}

/** FROM clauses, from the innermost SELECT outwards. */
export type Scope = readonly (readonly Node[])[]

/** Which table or subquery a column is of; undefined for what cannot be told from the text: functions, VALUES, aliases of joins. */
export function itemOf({ fields }: ColumnRef, scope: Scope): Named | undefined {
  const names = namesOf(fields)
  const [first = ''] = names
  if (names.length === 2) return inScope(first, scope)
  const [only, ...more] = scope[0] ?? []
  // Where a SELECT reads one table, the server prints its columns without their table.
  return names.length === 1 && only !== undefined && more.length === 0
    ? itemNamed(only, undefined)
    : undefined
}

function inScope(alias: string, scope: Scope): Named | undefined {
  for (const from of scope) {
    const found = from.map((it) => itemNamed(it, alias)).find((it) => it !== undefined)
    if (found !== undefined) return found
  }
  return undefined
}

/** `alias`: undefined takes whatever it is. */
function itemNamed(node: Node, alias: string | undefined): Named | undefined {
  if ('RangeVar' in node) {
    const table = node.RangeVar
    const isIt = alias === undefined || (table.alias?.aliasname ?? table.relname) === alias
    return isIt && !hasColumnNames(table) ? { item: { kind: 'table', table }, isOptional: false } : undefined
  }
  if ('RangeSubselect' in node) {
    const { subquery, alias: own } = node.RangeSubselect
    const isIt = alias === undefined || own?.aliasname === alias
    if (!isIt || hasColumnNames(node.RangeSubselect) || subquery === undefined) return undefined
    return 'SelectStmt' in subquery
      ? { item: { kind: 'select', select: subquery.SelectStmt }, isOptional: false }
      : undefined
  }
  return 'JoinExpr' in node ? itemOfJoin(node.JoinExpr, alias) : undefined
}

type JoinExpr = Extract<Node, { JoinExpr: unknown }>['JoinExpr']

function itemOfJoin(
  { jointype, larg, rarg, alias: own }: JoinExpr,
  alias: string | undefined,
): Named | undefined {
  if (own !== undefined || alias === undefined) return undefined
  const left = larg === undefined ? undefined : itemNamed(larg, alias)
  if (left !== undefined) {
    return { ...left, isOptional: left.isOptional || jointype === 'JOIN_RIGHT' || jointype === 'JOIN_FULL' }
  }
  const right = rarg === undefined ? undefined : itemNamed(rarg, alias)
  if (right === undefined) return undefined
  return { ...right, isOptional: right.isOptional || jointype === 'JOIN_LEFT' || jointype === 'JOIN_FULL' }
}

/** `x(a, b)` calls columns something else. */
function hasColumnNames({ alias }: Pick<RangeVar, 'alias'>): boolean {
  return (alias?.colnames ?? []).length > 0
}
