import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { ident, join } from '../sql/sql.ts'
import { nameClocks, pinClocks } from '../sql/clock.ts'
import { deparseSelect } from '../sql/deparse.ts'
import { firstStatementText, parseSelect, parseStatements, type Node, type SelectStmt } from '../sql/parse.ts'
import { readCalls } from './calls.ts'
import {
  findRelation,
  isModel,
  type CanonicalQuery,
  type Dependency,
  type NamedModel,
  type OutputColumn,
  type Relation,
} from './catalog.ts'
import { OUTPUT_COLUMNS, RELATIONS, VIEW_TREE } from './canonicalize.sql.ts'
import { findProbePlace, probe, set } from './probe.ts'
import { nameDecays, refuseDecays, takeDecays } from './take-decays.ts'
import { refuseWordsOfTime } from './words-of-time.ts'

export interface CanonicalizeOptions {
  /** Schemas in which unqualified names are looked up; the connection's own search_path where absent. */
  readonly searchPath?: readonly string[] | undefined
  /** Read models that the query may name. */
  readonly models?: readonly PossibleModel[] | undefined
  /** Settings under which the query is read: constants, and what is meant by the day it is. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Statements that make what the query calls and the database does not have; undone with the rest. */
  readonly prepare?: readonly string[] | undefined
}

/** `make`: statements that make an empty one, where it does not stand yet as it will be. What they make is rolled back. */
export interface PossibleModel extends NamedModel {
  readonly make: readonly string[]
}

/** A table as its author names it, and a SELECT of keys over `changed`, a changed row of it. */
export interface DeclaredDependency {
  readonly table: string
  readonly query: string
}

/**
 * Lets PostgreSQL resolve a query: makes it a view in a transaction that is rolled back, and reads back
 * what the server understood. Throws a refusal with the position in the user's own text if it is not one valid SELECT.
 */
export async function canonicalize(
  client: Client,
  userText: string,
  options: CanonicalizeOptions = {},
): Promise<CanonicalQuery> {
  requireOneSelect(userText)
  const query = await readUsersQuery(client, { query: firstStatementText(userText), userText }, options)
  const select = parseSelect(query.text)
  const taken = takeDecays(select, query.columns, userText)
  if (taken === undefined && pinnedClocks(select, options) === undefined) return query
  const changed = taken?.select ?? select
  const settled = nameDecays(changed, taken?.decays ?? [], query.columns, userText)
  return await canonicalizeAgain(client, { userText, decays: settled.decays }, settled.select, options)
}

/** The clock in UTC, or in the zone that is said. */
function pinnedClocks(select: SelectStmt, { settings }: CanonicalizeOptions): SelectStmt | undefined {
  const zone = settings?.['TimeZone']
  return zone === undefined ? pinClocks(select) : nameClocks(select, zone)
}

/** Settings as the server has them, names looked up; refuses values that it does not take. */
export async function settingsAsSet(
  client: Client,
  settings: Readonly<Record<string, string>>,
  searchPath: readonly string[] | undefined,
): Promise<Readonly<Record<string, string>>> {
  await client.query('begin')
  try {
    if (searchPath !== undefined) await setSearchPath(client, searchPath)
    const entries: [string, string][] = []
    for (const [name, value] of Object.entries(settings)) entries.push([name, await set(client, name, value)])
    return Object.fromEntries(entries)
  } finally {
    await client.query('rollback')
  }
}

/**
 * Another tree of the same query: the server is asked again, since it knows what the changed text calls. Clocks that have come
 * into it are told as the query's own are.
 */
export async function canonicalizeAgain(
  client: Client,
  { userText, decays }: Pick<CanonicalQuery, 'userText' | 'decays'>,
  select: SelectStmt,
  options: Omit<CanonicalizeOptions, 'searchPath'> = {},
): Promise<CanonicalQuery> {
  const query = deparseSelect(pinnedClocks(select, options) ?? select).text
  const read = await readQuery(client, { query, userText }, { ...options, searchPath: ['pg_catalog'] })
  return { ...read, decays }
}

/** The declared SELECT in its place beside the changed row, so that the server resolves and types it there. */
export async function canonicalizeDependency(
  client: Client,
  { table, query: userText }: DeclaredDependency,
  options: CanonicalizeOptions,
): Promise<Dependency> {
  requireOneSelect(userText)
  const parts = {
    before: `select declared.* from\n${table}\nas changed cross join lateral (\n`,
    query: firstStatementText(userText),
    after: '\n) as declared',
    userText,
  }
  const query = await readUsersQuery(client, parts, options)
  const [join] = parseSelect(query.text).fromClause ?? []
  const changed = join !== undefined && 'JoinExpr' in join ? join.JoinExpr.larg : undefined
  const range = changed !== undefined && 'RangeVar' in changed ? changed.RangeVar : undefined
  const relation = findRelation(query, range?.schemaname ?? '', range?.relname ?? '')
  if (relation !== undefined) return { relation, query }
  throw new MillraceError('BAD_DEPENDENCY', {
    detail: `${table} is a table of the server's own, whose changes nobody is told of`,
    hint: 'Name a table of yours.',
  })
}

/**
 * The same for a query that is evaluated as a whole: its text is all that the server prints, so that also what the deparser
 * does not know is kept as it is. The query itself stands in FROM.
 */
export async function canonicalizeWhole(
  client: Client,
  userText: string,
  options: CanonicalizeOptions = {},
): Promise<CanonicalQuery> {
  requireOneSelect(userText)
  refuseDecays(
    userText,
    'what is refreshed as a whole holds the score of that moment',
    `Write the formula into the query, or let its changes be followed: freshness: 'eventual'.`,
  )
  const query = { query: firstStatementText(userText), userText }
  return await readUsersQuery(client, query, options, (viewText) => viewText.trim().replace(/;$/, ''))
}

/** Text that nobody has looked at yet. */
async function readUsersQuery(
  client: Client,
  text: ProbedText,
  options: CanonicalizeOptions,
  textOf?: (viewText: string) => string,
): Promise<CanonicalQuery> {
  const query = await readQuery(client, text, options, textOf)
  await refuseWordsOfTime(text.query, (other) => readQuery(client, { ...text, query: other }, options))
  return query
}

interface ProbedText {
  readonly query: string
  /** What errors are told of, by their place in it. */
  readonly userText: string
  /** SQL around the query. */
  readonly before?: string
  readonly after?: string
}

async function readQuery(
  client: Client,
  { query, userText, before = '', after = '' }: ProbedText,
  { searchPath, models = [], settings = {}, prepare = [] }: CanonicalizeOptions,
  textOf: (viewText: string) => string = innerSelect,
): Promise<CanonicalQuery> {
  const place = await findProbePlace(client)
  // The default of a session or role may be READ ONLY; nothing stays of what is written here.
  await client.query(place.kind === 'view' ? 'begin read write' : 'begin')
  try {
    for (const statement of models.flatMap(({ make }) => make)) await client.query(statement)
    if (searchPath !== undefined) {
      await setSearchPath(client, searchPath)
    }
    for (const statement of prepare) await client.query(statement)
    const view = await probe(client, place, { query: query + after, userText, before, settings })
    const columns = await client.query<OutputColumn & object>(OUTPUT_COLUMNS, [view.oid])
    const relations = (await readRelations(client, view.oid)).map((it) => asModel(it, models))
    const calls = await readCalls(client, await treesOf(client, view.tree, relations))
    return { userText, text: textOf(view.text), columns, relations, calls, decays: [], dependencies: [] }
  } finally {
    await client.query('rollback')
  }
}

async function setSearchPath(client: Client, searchPath: readonly string[]): Promise<void> {
  await client.query(`set local search_path = ${join(searchPath.map((name) => ident(name))).text}`)
}

/** The tables and views that a view reads, and those that these views read. */
async function readRelations(client: Client, view: number): Promise<readonly Relation[]> {
  const found = new Map<number, Relation>()
  const views = [view]
  for (let oid = views.pop(); oid !== undefined; oid = views.pop()) {
    for (const relation of await client.query<Relation & object>(RELATIONS, [oid])) {
      if (relation.definition !== null && !found.has(relation.oid)) views.push(relation.oid)
      found.set(relation.oid, relation)
    }
  }
  return [...found.values()]
}

/** What is known of a read model's stored rows, and the catalog does not say. */
function asModel(relation: Relation, models: readonly PossibleModel[]): Relation {
  const found = models.find((it) => isModel(it, relation))
  if (found === undefined) return relation
  const { model, storage, key, notNull, isRestricted } = found
  return {
    ...relation,
    readModel: { model, storage, key, notNull, isRestricted },
    rowSecurity: isRestricted,
    uniqueKeys: [key],
    columns: relation.columns.map((it) => ({ ...it, notNull: it.notNull || notNull.includes(it.name) })),
  }
}

/** What a view calls, its reader calls too. */
async function treesOf(
  client: Client,
  own: string,
  relations: readonly Relation[],
): Promise<readonly string[]> {
  const trees = [own]
  for (const { oid, definition } of relations) {
    if (definition === null) continue
    for (const { tree } of await client.query<{ tree: string }>(VIEW_TREE, [oid])) trees.push(tree)
  }
  return trees
}

/** The text is checked before it is put between parentheses, which a cleverly broken query could close. */
function requireOneSelect(text: string): void {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') {
    throw new MillraceError('QUERY_INVALID', {
      detail: outcome.problem.message,
      hint: 'Correct the query at the place shown.',
      position: outcome.problem.position,
      source: text,
    })
  }

  const [first, second] = outcome.statements
  if (first !== undefined && second === undefined && 'SelectStmt' in first) return
  throw new MillraceError('QUERY_NOT_ONE_SELECT', {
    detail:
      outcome.statements.length === 1
        ? `found ${statementName(first)}`
        : `found ${String(outcome.statements.length)} statements`,
    hint: 'Write one SELECT, without a trailing statement.',
    position: 0,
    source: text,
  })
}

function statementName(statement: Node | undefined): string {
  const [tag = 'nothing'] = Object.keys(statement ?? {})
  return tag
    .replace(/Stmt$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase()
}

/** The view reads `SELECT columns FROM ( <the query> ) q;`: 15 to 18 print the inner query alike. */
function innerSelect(viewText: string): string {
  const [from] = parseSelect(viewText).fromClause ?? []
  const inner = from !== undefined && 'RangeSubselect' in from ? from.RangeSubselect.subquery : undefined
  if (inner === undefined || !('SelectStmt' in inner)) throw new Error(`unexpected view text: ${viewText}`)
  return deparseSelect(withoutOrder(inner.SelectStmt)).text
}

/** A table has no order: ORDER BY on the outside says nothing unless LIMIT or DISTINCT ON goes with it. */
function withoutOrder({ sortClause, ...select }: SelectStmt): SelectStmt {
  const isUsed =
    select.limitCount !== undefined || select.limitOffset !== undefined || select.distinctClause !== undefined
  return sortClause !== undefined && isUsed ? { sortClause, ...select } : select
}
