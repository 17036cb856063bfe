import { findRelation, type CanonicalQuery, type Relation } from '../catalog/catalog.ts'
import { parseSelect, type RangeVar, type SelectStmt } from '../sql/parse.ts'
import type { Analysis, Declared, KeyOrigin, Occurrence, Outcome, Path, Refusal, Unit } from './analysis.ts'
import { openLists, type OpenList } from './any-order.ts'
import { walk } from './ast/walk.ts'
import { findUnstableCalls } from './calls.ts'
import { refuseDependencies, traceDependencies } from './dependencies.ts'
import { findFilter } from './filters.ts'
import { findFolds } from './folds.ts'
import { notImmediate } from './immediate.ts'
import { flatten, TooManyWorlds, type Flattened } from './flatten.ts'
import { isSource, type Graph, type SourceTable } from './graph.ts'
import { normalize } from './normalize/normalize.ts'
import { findOpenOrders, type OpenOrder } from './order.ts'
import { refuseOwnTables } from './own-tables.ts'
import { findPaths, type PathSearch } from './paths.ts'
import { placeOfCall, placeOfOutput, placeOfTable, placeOfUnsupported } from './places.ts'
import { catalogProblem, sourceProblem } from './sources.ts'
import { findUnit, isNeverNull } from './unit.ts'
import { findUnsupported, type Unsupported } from './unsupported.ts'
import { variantsOf } from './variants.ts'

/** Finds out how a query can be kept: its unit, its sources, and the path from each of them; or why it cannot be. */
export function analyze(query: CanonicalQuery, key: readonly string[], declared: Declared = {}): Outcome {
  const forms = refuseForms(query)
  if (forms.length > 0) return { kind: 'refused', refusals: forms }

  const select = normalize(query)
  const lists = openLists(query, key, select)
  const contents = refuseContents(query, select, { lists, isAnyOrder: declared.order === 'any' })
  const refusals =
    contents.length > 0 ? contents : [...refuseCatalogs(query, select), ...refuseOwnTables(query)]
  if (refusals.length > 0) return { kind: 'refused', refusals }

  const flattened = flattenOrRefuse(query, select)
  if ('code' in flattened) return { kind: 'refused', refusals: [flattened] }
  const sources = [...refuseSources(query, flattened, declared), ...refuseClocks(query, flattened)]
  if (sources.length > 0) return { kind: 'refused', refusals: sources }

  const chosen = findUnit(query, key, flattened.worlds)
  if (chosen.kind === 'refused') return { kind: 'refused', refusals: [chosen.refusal] }
  const relations = tablesOf(flattened.worlds).map(({ relation }) => relation)
  const dependencies = refuseDependencies(query, chosen.unit, relations, declared)
  if (dependencies.length > 0) return { kind: 'refused', refusals: dependencies }

  if (declared.freshness === 'immediate') {
    const lower = refuseModels(query, flattened)
    if (lower.length > 0) return { kind: 'refused', refusals: lower }
  }
  const anyOrder = declared.order === 'any' ? lists : []
  const outcome = tracePaths(query, { select, anyOrder }, flattened, chosen.unit)
  const because =
    outcome.kind === 'analysis' && declared.freshness === 'immediate'
      ? notImmediate(outcome.analysis)
      : undefined
  if (because === undefined) return outcome
  const position = placeOfOutput(query, key[0] ?? '')
  return {
    kind: 'refused',
    refusals: [{ code: 'IMMEDIATE_NOT_POSSIBLE', detail: because, hint: KEEP_EVENTUAL, position }],
  }
}

const KEEP_EVENTUAL = `Keep it eventual and read it strictly, which is exact at once too: freshness: 'eventual'.`

/** The rows of another read model are written by drains too, and those who drain must not wait for writers. */
function refuseModels(query: CanonicalQuery, { worlds }: Flattened): readonly Refusal[] {
  return tablesOf(worlds).flatMap(({ relation: { readModel }, location }) => {
    if (readModel === undefined) return []
    const detail = `it reads the read model ${readModel.model.schema}.${readModel.model.name}`
    const position = placeOfTable(query, location)
    return [{ code: 'IMMEDIATE_NOT_POSSIBLE', detail, hint: KEEP_EVENTUAL, position }]
  })
}

/** Forms that nothing below knows, in the user's text and in the server's, which shows what a star hid. */
function refuseForms(query: CanonicalQuery): readonly Refusal[] {
  const user = findUnsupported(parseSelect(query.userText))
  return asRefusals(query, [...user, ...findUnsupported(parseSelect(query.text))], user)
}

function asRefusals(
  query: CanonicalQuery,
  found: readonly Unsupported[],
  inUserText: readonly Unsupported[],
): readonly Refusal[] {
  const refusals = found.map((it) => ({
    code: it.code,
    detail: it.detail,
    hint: it.hint,
    position: placeOfUnsupported(query, it, inUserText),
  }))
  return firstOfEach(refusals)
}

function flattenOrRefuse(query: CanonicalQuery, select: SelectStmt): Flattened | Refusal {
  try {
    return flatten(query, select)
  } catch (error) {
    if (!(error instanceof TooManyWorlds)) throw error
    const hint = 'Give parts of it read models of their own.'
    return { code: 'UNSUPPORTED_SET_OPERATION', detail: error.message, hint, position: 0 }
  }
}

/** What views hide, calls whose answer is not settled, orders that are left open. */
function refuseContents(
  query: CanonicalQuery,
  select: SelectStmt,
  { lists, isAnyOrder }: { readonly lists: readonly OpenList[]; readonly isAnyOrder: boolean },
): readonly Refusal[] {
  const calls = findUnstableCalls(query, select).map(({ call, code, detail, hint }) => ({
    code,
    detail,
    hint,
    position: placeOfCall(query, call),
  }))
  const isList = ({ node }: OpenOrder) => lists.some((it) => it.node === node)
  const orders = findOpenOrders(query, select)
    .filter((it) => !(isAnyOrder && isList(it)))
    .map((it) => ({
      ...(it.kind === 'order' ? openOrder(it, isList(it)) : openValue(it)),
      position: placeOfCall(query, { name: it.what.toLowerCase() }),
    }))
  return firstOfEach([...asRefusals(query, findUnsupported(select), []), ...calls, ...orders])
}

/** The server records no dependence on its own catalogs, so what it does not list is one of them. */
function refuseCatalogs(query: CanonicalQuery, select: SelectStmt): readonly Refusal[] {
  const ranges: RangeVar[] = []
  walk({ SelectStmt: select }, ({ node }) => {
    if ('RangeVar' in node) ranges.push(node.RangeVar)
  })
  return ranges.flatMap(({ schemaname = 'pg_catalog', relname = '', location }) => {
    if (findRelation(query, schemaname, relname) !== undefined) return []
    return [{ ...catalogProblem(`${schemaname}.${relname}`), position: placeOfTable(query, location) }]
  })
}

function openOrder({ what, missing }: OpenOrder, isList: boolean): Omit<Refusal, 'position'> {
  const hint = `End the ORDER BY of ${what} with columns that are unique, such as the primary key.`
  const anyOrder = ` Or, if every order of its elements is right, say so: order: 'any'.`
  return {
    code: 'UNDEFINED_ORDER',
    detail: `rows that tie in the order of ${what} may differ in ${missing.join(', ')}`,
    hint: isList ? hint + anyOrder : hint,
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

function refuseSources(
  query: CanonicalQuery,
  { worlds, columnsRead }: Flattened,
  declared: Declared,
): readonly Refusal[] {
  const tables = tablesOf(worlds)
  if (tables.length === 0) {
    const hint = 'A query without tables never changes: no read model is needed.'
    return [{ code: 'NO_SOURCE', detail: 'there is nothing to capture', hint, position: 0 }]
  }
  return tables.flatMap(({ relation, ordinal, location }) => {
    const problem = sourceProblem(relation, [...(columnsRead.get(ordinal) ?? [])], declared)
    return problem === undefined ? [] : [{ ...problem, position: placeOfTable(query, location) }]
  })
}

/** What is compared with the time must be a column of a table: else nobody knows when it changes sides. */
function refuseClocks(query: CanonicalQuery, { clocks, worlds }: Flattened): readonly Refusal[] {
  const tables = tablesOf(worlds).map(({ alias }) => alias)
  const isKept = clocks.every((it) => it !== undefined && tables.includes(it.alias))
  if (isKept) return []
  const position = placeOfCall(query, { name: 'now' })
  const hint = `Compare a column of a table with the time, as in: made > now() - interval '7 days'.`
  return [{ code: 'TIME_DEPENDENT', detail: 'what is compared with now() is no column', hint, position }]
}

function tracePaths(
  query: CanonicalQuery,
  { select, anyOrder }: Pick<Analysis, 'select' | 'anyOrder'>,
  { worlds, columnsRead, clocks }: Flattened,
  unit: readonly Unit[],
): Outcome {
  const refusals: Refusal[] = []
  const paths: Path[] = []
  const keys: (KeyOrigin | null)[] = []
  for (const world of worlds) {
    const variants = variantsOf(world, unit)
    if (variants === undefined) refusals.push(refuseOuterJoins(query, unit))
    for (const variant of variants ?? []) {
      const search = findPaths(world, variant)
      paths.push(...search.paths)
      refusals.push(...search.unreachable.map((table) => refuseUnreachable(query, table)))
      keys.push(originOf(search))
    }
  }
  if (refusals.length > 0) return { kind: 'refused', refusals: firstOfEach(refusals) }

  const occurrences = describeOccurrences(query, worlds, columnsRead)
  const dependencies = traceDependencies(query, unit, occurrences)
  const analysis = {
    select,
    unit,
    notNull: query.columns.filter((_, i) => isNeverNull(i, worlds)).map(({ name }) => name),
    occurrences: [...occurrences, ...dependencies.occurrences],
    paths: [...paths, ...dependencies.paths],
    keys: keys.every((it) => it !== null) ? keys : null,
    clocks: clocks.flatMap((it) => it ?? []),
    anyOrder,
  }
  return { kind: 'analysis', analysis: { ...analysis, folds: findFolds(query, select, analysis) } }
}

/** A table whose rows hold all units, with more perhaps; null where it takes several. */
function originOf({ keyTables, unit }: PathSearch): KeyOrigin | null {
  const [table, ...more] = keyTables
  if (table === undefined) return { table: null, unit }
  const { alias, relation } = table
  return relation === null || more.length > 0 ? null : { table: { alias, relation }, unit }
}

function refuseOuterJoins(query: CanonicalQuery, [first]: readonly Unit[]): Refusal {
  return {
    code: 'KEY_FROM_OUTER_JOIN',
    detail: 'the key reads tables that may be missing from a row in too many ways',
    hint: 'Take the key from a table on the preserved side of its joins, or use inner joins.',
    position: placeOfOutput(query, first?.name ?? ''),
  }
}

function refuseUnreachable(query: CanonicalQuery, { relation, location, alias }: SourceTable): Refusal {
  return {
    code: 'NO_PATH_TO_KEY',
    detail: `${relation.schema}.${relation.name} (${alias}) is tied to the key by no condition`,
    hint: 'Join or correlate it by a column = column condition, on its own side of every aggregate and LIMIT.',
    position: placeOfTable(query, location),
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
function tablesOf(worlds: readonly Graph[]): readonly SourceTable[] {
  const tables = worlds.flatMap((world) => world.tables.filter(isSource))
  return [...new Map(tables.map((it) => [it.ordinal, it])).values()]
}
