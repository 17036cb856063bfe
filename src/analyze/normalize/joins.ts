import type { JoinExpr, Node, SelectStmt } from '../../sql/parse.ts'
import { columnRef, conjunction, equality, namesOf } from '../ast/nodes.ts'
import { hasNode } from '../ast/walk.ts'
import type { Normalizer } from './normalize.ts'
import { subquery, type Item, type ItemColumn, type Names, type Scope } from './scope.ts'

/** A join without USING, without an alias of its own, and not from the right. */
export function joinOf(to: Normalizer, join: JoinExpr, scope: Scope, names: Names): Item {
  if (join.alias === undefined) return plainJoin(to, join, scope, names)
  const { alias, ...unnamed } = join
  // An alias hides the tables under it, so they have a scope of their own; and a SELECT of their own, to be called by one name.
  const inner: Scope = { entries: new Map(), merged: new Map(), parent: scope }
  const { node, columns } = plainJoin(to, unnamed, inner, names)
  const renamed = namesOf(alias.colnames)
  const all = columns.map(({ name, value }, i) => ({ name: renamed[i] ?? name, value }))
  return named(node, all, alias.aliasname ?? '', scope)
}

function named(node: Node, columns: readonly ItemColumn[], aliasname: string, scope: Scope): Item {
  const select: SelectStmt = {
    targetList: columns.map(({ name, value }) => ({ ResTarget: { name, val: value } })),
    fromClause: [node],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  }
  const list = columns.map(({ name }) => name)
  scope.entries.set(aliasname, { columns: list, values: null })
  const table = subquery(select, aliasname, list)
  return {
    node: isLateral(node) && 'RangeSubselect' in table ? lateral(table) : table,
    columns: list.map((name) => ({ name, value: columnRef(aliasname, name) })),
  }
}

function lateral(table: Extract<Node, { RangeSubselect: unknown }>): Node {
  return { RangeSubselect: { ...table.RangeSubselect, lateral: true } }
}

function isLateral(node: Node): boolean {
  return hasNode(node, 'RangeFunction') || JSON.stringify(node).includes('"lateral":true')
}

function plainJoin(to: Normalizer, join: JoinExpr, scope: Scope, names: Names): Item {
  const { larg, rarg, jointype = 'JOIN_INNER', usingClause, quals } = join
  if (larg === undefined || rarg === undefined) throw new Error('a join without a side')
  const left = to.from(larg, scope, names)
  const right = to.from(rarg, scope, names)
  const merged = namesOf(usingClause).map((name) => merge(name, left, right, jointype))

  for (const { name, value } of merged) scope.merged.set(name, value)
  const shared = join.join_using_alias?.aliasname
  if (shared !== undefined) {
    const values = new Map(merged.map(({ name, value }) => [name, value]))
    scope.entries.set(shared, { columns: [...values.keys()], values })
  }

  const condition =
    usingClause === undefined
      ? quals && to.expression(quals, scope, names)
      : conjunction(merged.map((it) => equality(it.left, it.right)))
  const [first, second] = jointype === 'JOIN_RIGHT' ? [right, left] : [left, right]
  const usedNames = merged.map(({ name }) => name)
  const others = [...left.columns, ...right.columns].filter(({ name }) => !usedNames.includes(name))
  return {
    node: {
      JoinExpr: {
        jointype: jointype === 'JOIN_RIGHT' ? 'JOIN_LEFT' : jointype,
        larg: first.node,
        rarg: second.node,
        ...(condition && { quals: condition }),
      },
    },
    columns: [...merged.map(({ name, value }) => ({ name, value })), ...others],
  }
}

interface Merged extends ItemColumn {
  readonly left: Node
  readonly right: Node
}

/** A column of USING: that of the side which always has a row, or whichever is not null. */
function merge(name: string, left: Item, right: Item, jointype: string): Merged {
  const [a, b] = [left, right].map(({ columns }) => columns.find((it) => it.name === name)?.value)
  if (a === undefined || b === undefined) throw new Error(`USING names ${name}, which a side does not have`)
  const value =
    jointype === 'JOIN_FULL' ? { CoalesceExpr: { args: [a, b] } } : jointype === 'JOIN_RIGHT' ? b : a
  return { name, value, left: a, right: b }
}
