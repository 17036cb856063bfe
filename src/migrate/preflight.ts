import type { Plan, RelationName } from '../compile/plan.ts'
import { MillraceError, type ErrorCode } from '../errors.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { ident, qualified } from '../sql/sql.ts'
import { findHidden, rowsHidden } from '../work/all-rows.ts'
import { indexProblems } from './check-indexes.ts'
import type { CompiledModel } from './compile-model.ts'
import { MISSING_ROLES, rowsOfOneKey, SCHEMA_RIGHTS, TABLE_RIGHTS, TAKEN_NAME } from './preflight.sql.ts'
import type { Roles } from './roles.sql.ts'
import { isReplaced, replacedProblems } from './replaced.ts'
import { takenReaders } from './taken-readers.ts'

/**
 * Looks for everything that would stop an installation half-way, and changes nothing: roles that do not exist, names
 * that are taken, rights that are missing, a key that is not unique, an index that cannot be made. Returns what
 * it found.
 */
export async function preflight(
  client: Client,
  models: readonly CompiledModel[],
  { worker, reader }: Roles,
  /** Models that will have been removed by then, so that their names are free. */
  removed: readonly Names[] = [],
): Promise<readonly MillraceError[]> {
  const readers = models.flatMap(({ plan }) => plan.readableBy ?? [])
  const roles = await missingRoles(client, [worker, reader, ...readers])
  if (roles.length > 0) return roles

  const problems: MillraceError[] = []
  await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    for (const { plan, definition } of models) {
      const found = [
        ...(await takenNames(client, plan, removed)),
        ...(await takenReaders(client, plan)),
        ...(await replacedProblems(client, plan)),
        ...(await schemaProblems(client, plan.model.schema)),
        ...(await missingRights(client, plan, undefined)),
        ...(worker === undefined ? [] : await missingRights(client, plan, worker)),
        ...(await hiddenRows(client, plan.chain?.sources ?? [], worker)),
      ]
      // Who may not read the sources cannot evaluate the query either.
      const keys = found.length > 0 ? [] : await sharedKeys(client, plan)
      problems.push(...[...found, ...keys].map((it) => inFile(it, definition.file)))
    }
  })
  for (const model of problems.length > 0 ? [] : models) {
    problems.push(...(await indexProblems(client, model)).map((it) => inFile(it, model.definition.file)))
  }
  return problems
}

export async function missingRoles(
  client: Client,
  names: readonly (string | undefined)[],
): Promise<readonly MillraceError[]> {
  const wanted = names.filter((it) => it !== undefined)
  const rows = await client.query<{ name: string }>(MISSING_ROLES, [wanted])
  return rows.map(({ name }) =>
    problem('ROLE_UNKNOWN', `"${name}"`, `Run as an administrator: create role ${ident(name).text} login`),
  )
}

/** The names under which a model is read. */
export type Names = Pick<Plan, 'model' | 'strictView' | 'replaces'>

export async function takenNames(
  client: Client,
  { model, strictView, replaces }: Names,
  removed: readonly Names[],
): Promise<readonly MillraceError[]> {
  const problems: MillraceError[] = []
  const free = removed.flatMap((it) => [it.model, it.strictView])
  for (const { schema, name } of [model, strictView]) {
    if (free.some((it) => it.schema === schema && it.name === name)) continue
    const [taken] = await client.query<{ kind: string }>(TAKEN_NAME, [schema, name])
    if (taken === undefined || (name === model.name && isReplaced(taken.kind, replaces))) continue
    const kind = KINDS[taken.kind] ?? 'relation'
    const hint = 'Rename the read model, or rename or drop what has its name.'
    problems.push(problem('NAME_TAKEN', `there is a ${kind} ${schema}.${name}`, hint))
  }
  return problems
}

/** `pg_class.relkind` in words. */
const KINDS: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  i: 'index',
  I: 'partitioned index',
  S: 'sequence',
  f: 'foreign table',
  c: 'type',
}

export async function schemaProblems(client: Client, schema: string): Promise<readonly MillraceError[]> {
  const [found] = await client.query<{ mayCreate: boolean }>(SCHEMA_RIGHTS, [schema])
  const name = ident(schema).text
  if (found === undefined) {
    const hint = `Run as an administrator: create schema ${name}`
    return [problem('SCHEMA_UNKNOWN', `schema ${name}, in which the read model shall be`, hint)]
  }
  const hint = `Run as the schema's owner: grant create on schema ${name} to the role in the URL.`
  return found.mayCreate ? [] : [problem('PRIVILEGE_MISSING', `create on schema ${name}`, hint)]
}

/** Strict reads see what the owner sees, and drains what the worker does. */
export async function hiddenRows(
  client: Client,
  relations: readonly RelationName[],
  worker: string | undefined,
): Promise<readonly MillraceError[]> {
  const hidden = [
    ...(await findHidden(client, relations)),
    ...(worker === undefined ? [] : await findHidden(client, relations, worker)),
  ]
  return [...new Map(hidden.map((it) => [`${it.source} ${it.role}`, it])).values()].map(rowsHidden)
}

async function missingRights(
  client: Client,
  { sources, models = [] }: Plan,
  role: string | undefined,
): Promise<readonly MillraceError[]> {
  const problems: MillraceError[] = []
  for (const { relation } of sources) {
    // Ours, and perhaps not made yet.
    if (models.some(({ storage }) => storage.name === relation.name && storage.schema === relation.schema))
      continue
    const [rights] = await client.query<{ maySelect: boolean; mayTrigger: boolean }>(TABLE_RIGHTS, [
      role ?? null,
      relation.schema,
      relation.name,
    ])
    const missing = [
      ...(rights?.maySelect === true ? [] : ['select']),
      // Only who installs makes triggers.
      ...(rights?.mayTrigger === true || role !== undefined ? [] : ['trigger']),
    ].join(', ')
    if (missing !== '') problems.push(missingRight(missing, relation, role))
  }
  return problems
}

export function missingRight(
  rights: string,
  relation: RelationName,
  role: string | undefined,
): MillraceError {
  const table = qualified(relation).text
  const who = role === undefined ? 'the role in the URL' : ident(role).text
  const hint = `Run as the table's owner: grant ${rights} on ${table} to ${who}`
  return problem('PRIVILEGE_MISSING', `${who} lacks ${rights} on ${table}`, hint)
}

export async function sharedKeys(
  client: Client,
  plan: Pick<Plan, 'model' | 'query' | 'key' | 'chain' | 'models' | 'settings'>,
): Promise<readonly MillraceError[]> {
  const { key, query, chain, models = [], settings } = plan
  const isAlone = models.length === 0 && settings !== undefined
  const statement = rowsOfOneKey({ key, query: isAlone ? settings.query : (chain?.query ?? query) })
  const look = () => client.query<{ row: string }>(statement)
  const rows = isAlone
    ? await underSettings(client, settings.values, look)
    : await unlessFunctionsAreMissing(client, look)
  if (rows.length === 0) return []
  const detail = [
    `two rows of ${plan.model.schema}.${plan.model.name} share it:`,
    ...rows.map(({ row }) => row),
  ]
  return [problem('KEY_NOT_UNIQUE', detail.join('\n'), 'Add columns to the key until it identifies one row.')]
}

/** The functions of a model that is read, and not made yet: then the backfill is the first to find two rows of one key. */
async function unlessFunctionsAreMissing<Row>(
  client: Client,
  look: () => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  await client.query('savepoint look')
  try {
    return await look()
  } catch (error) {
    if (!hasSqlState(error, SQLSTATE.UNDEFINED_FUNCTION)) throw error
    await client.query('rollback to savepoint look')
    return []
  }
}

/** Before anything is made there are no functions to have them. */
async function underSettings<T>(
  client: Client,
  settings: Readonly<Record<string, string>>,
  run: () => Promise<T>,
): Promise<T> {
  for (const [name, value] of Object.entries(settings))
    await client.query('select set_config($1, $2, true)', [name, value])
  const result = await run()
  for (const name of Object.keys(settings)) await client.query(`set local ${ident(name).text} to default`)
  return result
}

export function problem(code: ErrorCode, detail: string, hint: string): MillraceError {
  return new MillraceError(code, { detail, hint })
}

export function inFile({ code, detail, hint }: MillraceError, file: string | undefined): MillraceError {
  return new MillraceError(code, { detail, hint, file })
}
