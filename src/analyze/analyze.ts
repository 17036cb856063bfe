import { findRelation, type CanonicalQuery, type Relation } from '../catalog/catalog.ts'
import { parseSelect, type RangeVar, type SelectStmt } from '../sql/parse.ts'
import type { KeyOrigin, Occurrence, Outcome, Path, Refusal, Unit } from './analysis.ts'
import { walk } from './ast/walk.ts'
import { aggregates } from './aggregates.ts'
import { findUnstableCalls } from './calls.ts'
import { findFilter } from './filters.ts'
import { findFolds } from './folds.ts'
import { flatten, type Flattened } from './flatten.ts'
import type { Graph, GraphTable } from './graph.ts'
import { findOpenOrders, type OpenOrder } from './order.ts'
import { findPaths } from './paths.ts'
import { placeOfCall, placeOfTable, placeOfUnsupported } from './places.ts'
import { catalogProblem, sourceProblem } from './sources.ts'
import { findUnit, keyTableOf } from './unit.ts'
import { findUnsupported } from './unsupported.ts'

/** Finds out how a query can be kept: its unit, its sources, and the path from each of them; or why it cannot be. */
export function analyze(query: CanonicalQuery, key: readonly string[]): Outcome {
  const select = parseSelect(query.text)
  const constructs = refuseConstructs(query, select)
  const refusals = constructs.length > 0 ? constructs : refuseCatalogs(query, select)
  if (refusals.length > 0) return { kind: 'refused', refusals }

  const flattened = flatten({
    select,
    relation: (schema, name) => relationOf(query, schema, name),
    aggregates: (it) => aggregates(query, it),
  })
  const sources = refuseSources(query, flattened)
  if (sources.length > 0) return { kind: 'refused', refusals: sources }

  const chosen = findUnit(query, key, flattened.worlds)
  if (chosen.kind === 'refused') return { kind: 'refused', refusals: [chosen.refusal] }

  return tracePaths(query, select, flattened, chosen.unit)
}

function refuseConstructs(query: CanonicalQuery, select: SelectStmt): readonly Refusal[] {
  const user = parseSelect(query.userText)
  const constructs = [...findUnsupported(user), ...findUnsupported(select)].map((it) => ({
    code: it.code,
    detail: it.detail,
    hint: it.hint,
    position: placeOfUnsupported(query, it, findUnsupported(user)),
  }))
  const calls = findUnstableCalls(query).map(({ call, code, detail, hint }) => ({
    code,
    detail,
    hint,
    position: placeOfCall(query, call),
  }))
  const orders = findOpenOrders(query, select).map((it) => ({
    ...(it.kind === 'order' ? openOrder(it) : openValue(it)),
    position: placeOfCall(query, { name: it.what.toLowerCase() }),
  }))
  return firstOfEach([...constructs, ...calls, ...orders])
}

/** The server records no dependence on its own catalogs, so what it does not list is one of them. */
function refuseCatalogs(query: CanonicalQuery, select: SelectStmt): readonly Refusal[] {
  const ranges: RangeVar[] = []
  walk({ SelectStmt: select }, ({ node }) => {
    if ('RangeVar' in node) ranges.push(node.RangeVar)
  })
  return ranges.flatMap(({ schemaname = 'pg_catalog', relname = '' }, ordinal) => {
    if (findRelation(query, schemaname, relname) !== undefined) return []
    return [{ ...catalogProblem(`${schemaname}.${relname}`), position: placeOfTable(query, ordinal) }]
  })
}

function openOrder({ what, missing }: OpenOrder): Omit<Refusal, 'position'> {
  return {
    code: 'UNDEFINED_ORDER',
    detail: `rows that tie in the order of ${what} may differ in ${missing.join(', ')}`,
    hint: `End the ORDER BY of ${what} with columns that are unique, such as the primary key.`,
  }
}

function openValue({ what, missing }: OpenOrder): Omit<Refusal, 'position'> {
  return {
    code: 'UNDEFINED_VALUE',
    detail: `values that ${what} takes for equal may differ in ${missing.join(', ')}, as 1.0 and 1.00 do`,
    hint: 'Cast to a type whose equal values are the same: numeric(12, 2), bigint, text.',
  }
}

/** The user's tree and the server's name one problem twice; the first has the position. */
function firstOfEach(refusals: readonly Refusal[]): readonly Refusal[] {
  return [
    ...new Map(refusals.toReversed().map((it) => [`${it.code} ${it.detail}`, it])).values(),
  ].toReversed()
}

function relationOf(query: CanonicalQuery, schema: string, name: string): Relation {
  const relation = findRelation(query, schema, name)
  if (relation === undefined) throw new Error(`the catalog does not know ${schema}.${name}`)
  return relation
}

function refuseSources(query: CanonicalQuery, { worlds, columnsRead }: Flattened): readonly Refusal[] {
  const tables = tablesOf(worlds)
  if (tables.length === 0) {
    const hint = 'A query without tables never changes: no read model is needed.'
    return [{ code: 'NO_SOURCE', detail: 'there is nothing to capture', hint, position: 0 }]
  }
  return tables.flatMap(({ relation, ordinal }) => {
    const problem = sourceProblem(relation, [...(columnsRead.get(ordinal) ?? [])])
    return problem === undefined ? [] : [{ ...problem, position: placeOfTable(query, ordinal) }]
  })
}

function tracePaths(
  query: CanonicalQuery,
  select: SelectStmt,
  { worlds, columnsRead }: Flattened,
  unit: readonly Unit[],
): Outcome {
  const refusals: Refusal[] = []
  const paths: Path[] = []
  const keys: KeyOrigin[] = []
  for (const world of worlds) {
    const key = keyTableOf(query, world, unit)
    if ('code' in key) {
      refusals.push(key)
      continue
    }
    keys.push({ table: key.table ?? null, unit: key.expressions })
    const search = findPaths(world, key.expressions, key.table)
    paths.push(...search.paths)
    refusals.push(...search.unreachable.map((table) => refuseUnreachable(query, table)))
  }
  if (refusals.length > 0) return { kind: 'refused', refusals: firstOfEach(refusals) }

  const analysis = { unit, occurrences: describeOccurrences(query, worlds, columnsRead), paths, keys }
  return { kind: 'analysis', analysis: { ...analysis, folds: findFolds(query, select, analysis) } }
}

function refuseUnreachable(query: CanonicalQuery, { relation, ordinal, alias }: GraphTable): Refusal {
  return {
    code: 'NO_PATH_TO_KEY',
    detail: `${relation.schema}.${relation.name} (${alias}) is tied to the key by no equality`,
    hint: 'Join or correlate it by a column = column condition, on its own side of every aggregate.',
    position: placeOfTable(query, ordinal),
  }
}

function describeOccurrences(
  query: CanonicalQuery,
  worlds: readonly Graph[],
  columnsRead: Flattened['columnsRead'],
): readonly Occurrence[] {
  return tablesOf(worlds).map((table) => ({
    alias: table.alias,
    relation: table.relation,
    columns: inTableOrder(table.relation, columnsRead.get(table.ordinal) ?? new Set()),
    filter: findFilter(query, table, worlds),
    ordinal: table.ordinal,
  }))
}

function inTableOrder(relation: Relation, columns: ReadonlySet<string>): readonly string[] {
  return relation.columns.map((it) => it.name).filter((name) => columns.has(name))
}

/** Each table once, although most appear in every world. */
function tablesOf(worlds: readonly Graph[]): readonly GraphTable[] {
  return [...new Map(worlds.flatMap((world) => world.tables).map((it) => [it.ordinal, it])).values()]
}
