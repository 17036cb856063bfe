import type { CanonicalQuery, OutputColumn } from '../catalog/catalog.ts'
import type { Node } from '../sql/parse.ts'
import type { Refusal, Unit } from './analysis.ts'
import { columnRef, columnRefsIn, namesOf } from './ast/nodes.ts'
import { mapTree } from './ast/walk.ts'
import { findEdges, hasOpaque, isRequiredFor } from './edges.ts'
import type { Graph, GraphTable } from './graph.ts'
import { placeOfOutput } from './places.ts'

export type UnitOutcome =
  | { readonly kind: 'unit'; readonly unit: readonly Unit[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Chooses the unit: the key columns that every barrier of every world lets through. */
export function findUnit(
  query: CanonicalQuery,
  key: readonly string[],
  worlds: readonly Graph[],
): UnitOutcome {
  const outputs = key.map((name) => query.columns.findIndex((it) => it.name === name))
  const missing = key.find((_, i) => outputs[i] === -1)
  if (missing !== undefined) {
    return refuse(
      'KEY_UNKNOWN',
      `"${missing}" is not one of ${query.columns.map((it) => it.name).join(', ')}`,
      'Name output columns of the query as its key.',
    )
  }

  const incomparable = outputs.map((i) => query.columns[i]).find((it) => it?.sortable === false)
  if (incomparable !== undefined) {
    return refuse(
      'KEY_NOT_COMPARABLE',
      `"${incomparable.name}" is of type ${incomparable.type}`,
      'Choose a key column that PostgreSQL can sort, or cast it to text.',
      placeOfOutput(query, incomparable.name),
    )
  }

  const traceable = outputs.filter((i) => worlds.every((world) => isTransparent(world.outputs[i])))
  if (traceable.length === 0) {
    return refuse(
      'KEY_NOT_TRACEABLE',
      `${key.join(', ')} is computed from many rows or by a subquery`,
      'Make a GROUP BY column or a column of a table part of the key.',
      placeOfOutput(query, key[0] ?? ''),
    )
  }
  return { kind: 'unit', unit: traceable.map((i) => describe(query.columns[i], i, worlds)) }
}

/**
 * The table whose columns the unit reads in one world, with the unit rewritten to read only it where equalities allow;
 * no table where the unit is constant in this world.
 */
export function keyTableOf(
  query: CanonicalQuery,
  world: Graph,
  unit: readonly Unit[],
): { readonly table: GraphTable | undefined; readonly expressions: readonly Node[] } | Refusal {
  const expressions = unit.flatMap(({ output }) => world.outputs[output] ?? [])
  const candidates = tablesIn(world, expressions)
  const position = placeOfOutput(query, unit[0]?.name ?? '')
  if (candidates.length <= 1) return accept(candidates[0], expressions, position)

  for (const candidate of candidates) {
    const rewritten = expressions.map((it) => rewriteTo(candidate, it, world))
    if (tablesIn(world, rewritten).length === 1) return accept(candidate, rewritten, position)
  }
  return {
    code: 'KEY_FROM_SEVERAL_SOURCES',
    detail: `the key reads ${candidates.map((it) => it.relation.name).join(' and ')}`,
    hint: 'Take all key columns from one table, for example from the table that links the others.',
    position,
  }
}

function accept(table: GraphTable | undefined, expressions: readonly Node[], position: number | undefined) {
  if (table === undefined || table.nullableBy.length === 0) return { table, expressions }
  return {
    code: 'KEY_FROM_OUTER_JOIN',
    detail: `the key reads ${table.relation.name}, which may be missing from a row`,
    hint: 'Take the key from the table on the preserved side of the join, or use an inner join.',
    position,
  } as const
}

function isTransparent(output: Node | undefined): boolean {
  return output !== undefined && !hasOpaque(output)
}

function describe(column: OutputColumn | undefined, output: number, worlds: readonly Graph[]): Unit {
  if (column === undefined) throw new Error(`no output column ${String(output)}`)
  const nullable = worlds.some((world) => !isNeverNull(world.outputs[output], world))
  return { name: column.name, type: column.type, nullable, output }
}

/** Certain only for a constant and for a column that is declared NOT NULL. */
function isNeverNull(output: Node | undefined, world: Graph): boolean {
  if (output === undefined) return false
  if ('TypeCast' in output) return isNeverNull(output.TypeCast.arg, world)
  if ('A_Const' in output) return output.A_Const.isnull !== true
  if (!('ColumnRef' in output)) return false
  const [alias, name] = namesOf(output.ColumnRef.fields)
  const table = world.tables.find((it) => it.alias === alias)
  const column = table?.relation.columns.find((it) => it.name === name)
  return column?.notNull === true && table?.nullableBy.length === 0
}

function tablesIn(world: Graph, expressions: readonly Node[]): readonly GraphTable[] {
  const aliases = columnRefsIn(expressions).map((ref) => namesOf(ref.fields)[0])
  return world.tables.filter((it) => aliases.includes(it.alias))
}

/** Replaces columns of other tables by the candidate's own where an equality that must hold makes them the same. */
function rewriteTo(candidate: GraphTable, expression: Node, world: Graph): Node {
  const edges = findEdges(world).filter(
    (it) => it.isSameType && isRequiredFor(it.condition, candidate, world),
  )
  return mapTree(expression, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [table, column] = namesOf(node.ColumnRef.fields)
    for (const { left, right } of edges) {
      const [own, other] = left.table === candidate.alias ? [left, right] : [right, left]
      if (own.table !== candidate.alias || other.table !== table || other.column !== column) continue
      if (own.column !== null) return columnRef(own.table, own.column)
    }
    return undefined
  })
}

function refuse(code: Refusal['code'], detail: string, hint: string, position?: number): UnitOutcome {
  return { kind: 'refused', refusal: { code, detail, hint, position } }
}
