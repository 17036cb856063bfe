import {
  asEquality,
  conjunction,
  conjuncts,
  isSetOperation,
  namesOf,
  outputNames,
  targetsOf,
} from '../analyze/ast/nodes.ts'
import { transparentOutputs } from '../analyze/barriers.ts'
import { restrictFullJoin } from './inject-full-join.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { deparseExpression, shapeOf } from '../sql/deparse.ts'
import { parseExpression, type Node, type RangeSubselect, type SelectStmt } from '../sql/parse.ts'
import type { Sql } from '../sql/sql.ts'

/** A unit column and the output column of a SELECT that holds it. */
export interface Target {
  readonly unit: number
  readonly output: number
}

/** What tells the units of a batch. */
export interface UnitPredicate {
  /** Writes the condition that the expressions (one per target) are units of the batch. */
  readonly condition: (targets: readonly { readonly unit: number; readonly expression: Sql }[]) => Sql
  /** True if some of the batch's units have a null in this column. */
  readonly mayBeNull: (unit: number) => boolean
}

/**
 * Puts the condition "this unit is in the batch" into a query: in every branch of a union, and below every derived
 * table that passes the unit through or is tied to it by an equality, as deep as it can go. Never as a join around the
 * query: PostgreSQL does not push a join below GROUP BY (LESSONS 5.1).
 */
export function injectUnits(
  select: SelectStmt,
  targets: readonly Target[],
  predicate: UnitPredicate,
  query: CanonicalQuery,
): SelectStmt {
  if (isSetOperation(select)) {
    const inject = (side: SelectStmt | undefined) => side && injectUnits(side, targets, predicate, query)
    const [larg, rarg] = [inject(select.larg), inject(select.rarg)]
    return { ...select, ...(larg && { larg }), ...(rarg && { rarg }) }
  }

  const expressions = targets.flatMap(({ unit, output }) => {
    const value = targetsOf(select)[output]?.value
    return value === undefined ? [] : [{ unit, value }]
  })
  const deeper = injectBelow(select, expressions, predicate, query)
  if (deeper.isComplete) return deeper.select

  const condition = asNode(
    predicate.condition(
      expressions.map(({ unit, value }) => ({ unit, expression: deparseExpression(value) })),
    ),
  )
  const whereClause = conjunction([...conjuncts(deeper.select.whereClause), condition])
  return { ...deeper.select, ...(whereClause && { whereClause }) }
}

interface UnitValue {
  readonly unit: number
  readonly value: Node
}

/** Injects into the derived tables of FROM. Complete if one of them restricts the whole unit and every row needs it. */
function injectBelow(
  select: SelectStmt,
  expressions: readonly UnitValue[],
  predicate: UnitPredicate,
  query: CanonicalQuery,
): { readonly select: SelectStmt; readonly isComplete: boolean } {
  let isComplete = false

  const visit = (item: Node, isOptional: boolean): Node => {
    if ('JoinExpr' in item) {
      const { larg, rarg, jointype } = item.JoinExpr
      if (jointype === 'JOIN_FULL') return restrictFullJoin(item.JoinExpr, select, expressions, predicate)
      const left = larg && visit(larg, isOptional)
      const right = rarg && visit(rarg, isOptional || jointype === 'JOIN_LEFT')
      return { JoinExpr: { ...item.JoinExpr, ...(left && { larg: left }), ...(right && { rarg: right }) } }
    }
    if (!('RangeSubselect' in item)) return item

    const inner = subselectOf(item.RangeSubselect)
    // On the optional side the null is the missing row's, which no condition inside can find.
    const wanted = expressions.filter(({ unit }) => !isOptional || !predicate.mayBeNull(unit))
    const own = inner && targetsInside(item.RangeSubselect, inner, select, wanted)
    if (inner === undefined || own === undefined || own.length === 0) return item
    const isTransparent = transparentOutputs(query, inner)
    if (!own.every(({ output }) => isTransparent[output] === true)) return item

    const passesAll = expressions.every(({ value, unit }) =>
      own.some((it) => it.unit === unit && it.isSame && 'ColumnRef' in value),
    )
    if (passesAll && !isOptional) isComplete = true
    const injected = injectUnits(inner, own, predicate, query)
    return { RangeSubselect: { ...item.RangeSubselect, subquery: { SelectStmt: injected } } }
  }

  const fromClause = (select.fromClause ?? []).map((item) => visit(item, false))
  return { select: select.fromClause === undefined ? select : { ...select, fromClause }, isComplete }
}

/** The unit columns that a derived table holds, itself (`isSame`) or by an equality with the unit's expression. */
function targetsInside(
  range: RangeSubselect,
  inner: SelectStmt,
  outer: SelectStmt,
  expressions: readonly UnitValue[],
): readonly (Target & { readonly isSame: boolean })[] {
  const alias = range.alias?.aliasname ?? ''
  const renamed = namesOf(range.alias?.colnames)
  const names = outputNames(inner).map((name, i) => renamed[i] ?? name)
  const equalities = [
    ...conjuncts(outer.whereClause),
    ...(outer.fromClause ?? []).flatMap((it) => joinConditions(it, alias)),
  ].flatMap((it) => asEquality(it) ?? [])

  return expressions.flatMap(({ unit, value }): readonly (Target & { readonly isSame: boolean })[] => {
    const direct = columnOf(value, alias)
    if (direct !== undefined) return [{ unit, output: names.indexOf(direct), isSame: true }]

    for (const { left, right } of equalities) {
      const other =
        shapeOf(left) === shapeOf(value) ? right : shapeOf(right) === shapeOf(value) ? left : undefined
      const column = other && columnOf(other, alias)
      if (column !== undefined) return [{ unit, output: names.indexOf(column), isSame: false }]
    }
    return []
  })
}

/**
 * Conditions of ON that a row of `alias` must meet to be joined at all: those of the joins that it is part of, but not
 * those of a LEFT JOIN that preserves it.
 */
function joinConditions(item: Node, alias: string): readonly Node[] {
  if (!('JoinExpr' in item) || !contains(item, alias)) return []
  const { larg, rarg, quals, jointype } = item.JoinExpr
  const isLeft = larg !== undefined && contains(larg, alias)
  const preserves = jointype === 'JOIN_FULL' || (jointype === 'JOIN_LEFT' && isLeft)
  const inner = [larg, rarg].flatMap((side) => (side === undefined ? [] : joinConditions(side, alias)))
  return preserves ? inner : [...conjuncts(quals), ...inner]
}

function contains(item: Node, alias: string): boolean {
  if ('RangeSubselect' in item) return item.RangeSubselect.alias?.aliasname === alias
  if (!('JoinExpr' in item)) return false
  return [item.JoinExpr.larg, item.JoinExpr.rarg].some((side) => side !== undefined && contains(side, alias))
}

function columnOf(expression: Node, alias: string): string | undefined {
  if (!('ColumnRef' in expression)) return undefined
  const [table, column] = namesOf(expression.ColumnRef.fields)
  return table === alias ? column : undefined
}

function subselectOf(range: RangeSubselect): SelectStmt | undefined {
  return range.subquery !== undefined && 'SelectStmt' in range.subquery
    ? range.subquery.SelectStmt
    : undefined
}

function asNode(condition: Sql): Node {
  return parseExpression(condition.text)
}
