import { asEquality, columnRefsIn, conjunction, conjuncts, namesOf } from '../analyze/ast/nodes.ts'
import { deparseExpression, shapeOf } from '../sql/deparse.ts'
import { parseExpression, type JoinExpr, type Node, type SelectStmt } from '../sql/parse.ts'
import type { UnitPredicate } from './inject.ts'

/**
 * A FULL join whose sides hold only what may have a unit of the batch: where the unit is a column that the join equates, or the
 * merged column of both, a row of either side that has another value there has another unit, matched or not. Nothing is
 * known of rows whose unit is null, so a batch that may have such leaves the join as it is.
 */
export function restrictFullJoin(
  join: JoinExpr,
  outer: SelectStmt,
  expressions: readonly { readonly unit: number; readonly value: Node }[],
  predicate: UnitPredicate,
): Node {
  const pairs = conjuncts(join.quals).flatMap((it) => asEquality(it) ?? [])
  const found = expressions.flatMap(({ unit, value }) => {
    const pair = predicate.mayBeNull(unit)
      ? undefined
      : pairs.find(({ left, right }) => isOf(value, left, right))
    return pair === undefined ? [] : [{ unit, columns: [pair.left, pair.right] }]
  })
  const restrict = (side: Node | undefined) => {
    const alias = aliasOf(side)
    if (side === undefined || alias === undefined || isReadWhole(outer, alias)) return side
    const targets = found.flatMap(({ unit, columns }) => {
      const own = columns.find((it) => tableOf(it) === alias)
      return own === undefined ? [] : [{ unit, expression: deparseExpression(own) }]
    })
    return targets.length === 0 ? side : only(side, alias, parseExpression(predicate.condition(targets).text))
  }
  const [larg, rarg] = [restrict(join.larg), restrict(join.rarg)]
  return { JoinExpr: { ...join, ...(larg && { larg }), ...(rarg && { rarg }) } }
}

/** The value is one of the two columns, or whichever of them is not null. */
function isOf(value: Node, left: Node, right: Node): boolean {
  if (!('ColumnRef' in left) || !('ColumnRef' in right)) return false
  const parts = 'CoalesceExpr' in value ? (value.CoalesceExpr.args ?? []) : [value]
  const shapes = [shapeOf(left), shapeOf(right)]
  return parts.length <= 2 && parts.every((it) => shapes.includes(shapeOf(it)))
}

function tableOf(column: Node): string | undefined {
  return 'ColumnRef' in column ? namesOf(column.ColumnRef.fields)[0] : undefined
}

function aliasOf(side: Node | undefined): string | undefined {
  if (side === undefined) return undefined
  if ('RangeVar' in side) return side.RangeVar.alias?.aliasname ?? side.RangeVar.relname
  return 'RangeSubselect' in side ? side.RangeSubselect.alias?.aliasname : undefined
}

/** `to_jsonb(a)`: a subquery's row is of another type than its table's. */
function isReadWhole(outer: SelectStmt, alias: string): boolean {
  return columnRefsIn(outer).some((ref) => {
    const [table, column] = namesOf(ref.fields)
    return table === alias && (column === undefined || column === '*')
  })
}

function only(side: Node, aliasname: string, condition: Node): Node {
  const star: Node = { ColumnRef: { fields: [{ A_Star: {} }] } }
  const whereClause = conjunction([condition])
  const select: SelectStmt = {
    targetList: [{ ResTarget: { val: star } }],
    fromClause: [side],
    ...(whereClause && { whereClause }),
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  }
  return { RangeSubselect: { subquery: { SelectStmt: select }, alias: { aliasname } } }
}
