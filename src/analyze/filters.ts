import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { Node } from '../sql/parse.ts'
import { HOME } from '../sql/names.ts'
import { functionName, namesOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import { isImmutable } from './calls.ts'
import { hasOpaque, isRequiredFor } from './edges.ts'
import type { Condition, Graph, GraphTable } from './graph.ts'

/**
 * Conditions on one table alone that a row must pass to matter: capture leaves out rows that fail them before and
 * after. They are evaluated inside the writer's transaction, so only immutable ones qualify.
 */
export function findFilter(
  query: CanonicalQuery,
  table: GraphTable,
  worlds: readonly Graph[],
): readonly Node[] {
  // A table stands in each world with the same conditions of its own block, or not at all.
  const world = worlds.find((it) => it.tables.some(({ ordinal }) => ordinal === table.ordinal))
  if (world === undefined) return []
  return world.conditions.filter((it) => isFilterOf(query, it, table, world)).map((it) => it.expression)
}

function isFilterOf(query: CanonicalQuery, condition: Condition, table: GraphTable, world: Graph): boolean {
  return (
    condition.block === table.block &&
    condition.tables.length === 1 &&
    condition.tables[0] === table.alias &&
    // Above an outer join a condition may pass because the row is missing: `where o.id is null`.
    condition.insideNullable.length === table.nullableBy.length &&
    isRequiredFor(condition, table, world) &&
    !hasOpaque(condition.expression) &&
    callsOnlyImmutable(query, condition.expression)
  )
}

/** Operators need no look: a stable one that is not refused anyway only joins texts. */
export function callsOnlyImmutable(query: CanonicalQuery, expression: Node): boolean {
  let isSettled = true
  walk(expression, ({ node }) => {
    if ('SQLValueFunction' in node) isSettled = false
    if (!('FuncCall' in node)) return
    // A function of ours goes with its model, and capture stays a moment longer.
    const isOurs = namesOf(node.FuncCall.funcname)[0] === HOME
    if (isOurs || !isImmutable(query, functionName(node.FuncCall))) isSettled = false
  })
  return isSettled
}
