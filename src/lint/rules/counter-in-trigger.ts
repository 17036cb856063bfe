import { namesOf } from '../../analyze/ast/nodes.ts'
import { someNode } from '../../analyze/ast/walk.ts'
import type { A_Expr, Node } from '../../sql/parse.ts'
import { nameOf, shown } from '../relations.ts'
import type { Found, Rule } from '../rule.ts'

/** Counters that a trigger keeps in one row for all writers, or counts anew with each of them. */
export const counterInTrigger: Rule = {
  name: 'counter-in-trigger',
  level: 'warning',

  check: ({ node, start, at, within }) => {
    if (within?.returnsTrigger !== true || !('UpdateStmt' in node)) return []
    const { relation, targetList = [], whereClause } = node.UpdateStmt
    const found: Found[] = []
    const add = (message: string, help: string) => {
      found.push({ at: relation?.location === undefined ? start : at(relation.location), message, help })
    }
    const table = shown(nameOf(relation))
    const values = targetList.flatMap((it) => ('ResTarget' in it ? [it.ResTarget] : []))
    if (
      values.some(({ name, val }) => name !== undefined && addsTo(name, val)) &&
      !readsChangedRow(whereClause)
    )
      add(
        `every writer waits for the one before it to commit, for all of them update the same row of ${table}`,
        ONE_ROW,
      )
    if (values.some(({ val }) => countsRows(val)))
      add(
        `each write counts all rows anew for ${table}, and of two at once the later one overwrites what the other counted`,
        ANEW,
      )
    return found
  },
}

const ONE_ROW =
  'Declare the count as a read model: its writers queue what they change and never wait for one another.'
const ANEW = 'Declare the count as a read model: changes are added to it, in an order that loses none.'

/** `likes = likes + 1` */
function addsTo(column: string, value: Node | undefined): boolean {
  if (value === undefined || !('A_Expr' in value)) return false
  if (!['+', '-'].includes(namesOf(value.A_Expr.name).at(-1) ?? '')) return false
  return someNode(
    value,
    ({ node }) => 'ColumnRef' in node && namesOf(node.ColumnRef.fields).at(-1) === column,
  )
}

/** Which row is updated depends on the row that was written, or on what may: a subquery, another table, a variable. */
function readsChangedRow(condition: Node | undefined): boolean {
  return someNode(condition, ({ node }) => {
    if ('ColumnRef' in node) return ['new', 'old'].includes(namesOf(node.ColumnRef.fields)[0] ?? '')
    return 'SubLink' in node || ('A_Expr' in node && comparesTwoNames(node.A_Expr))
  })
}

function comparesTwoNames({ lexpr, rexpr }: A_Expr): boolean {
  return lexpr !== undefined && rexpr !== undefined && 'ColumnRef' in lexpr && 'ColumnRef' in rexpr
}

function countsRows(value: Node | undefined): boolean {
  return someNode(
    value,
    ({ node }) =>
      'SubLink' in node &&
      node.SubLink.subLinkType === 'EXPR_SUBLINK' &&
      someNode(
        node.SubLink.subselect,
        ({ node: inner }) =>
          'FuncCall' in inner && AGGREGATES.has(namesOf(inner.FuncCall.funcname).at(-1) ?? ''),
      ),
  )
}

const AGGREGATES = new Set(['count', 'sum', 'avg'])
