import type { PossibleModel } from '../catalog/canonicalize.ts'
import { readerColumns } from '../compile/decay.ts'
import { bareExpose } from '../compile/take-over.ts'
import { SHOWN } from '../compile/immediate/shown-rows.ts'
import type { Plan } from '../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { Client } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { formerName, HOME } from '../sql/names.ts'
import { ident, qualified, sql, trusted } from '../sql/sql.ts'
import { inUse, readAllPlans, type InstalledPlan } from '../work/model.ts'
import { RELATIONS_OF_NAMES } from './references.sql.ts'
import { stillStands } from './replaced.ts'
import { knownSchemaVersion } from '../catalog/schema-version.ts'

/** A read model that a query may name. */
export interface LowerPlan {
  /** As it will be; undefined where it stays as it is installed. */
  readonly plan?: Plan | RefreshPlan | undefined
  readonly installed: InstalledPlan | null
}

/** What is installed and may be looked at, all versions of it: who may not read it cannot read what it holds either. */
export async function visiblePlans(client: Client): Promise<readonly InstalledPlan[]> {
  try {
    return (await knownSchemaVersion(client)) === 0 ? [] : await readAllPlans(client)
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.INSUFFICIENT_PRIVILEGE)) return []
    throw error
  }
}

/** What a query may name, where nothing is said: what is installed. */
export async function installedPlans(client: Client): Promise<readonly LowerPlan[]> {
  return inUse(await visiblePlans(client)).map((installed) => ({ installed }))
}

/** The read model as it will be. */
export function planOf({ plan, installed }: LowerPlan): readonly (Plan | RefreshPlan)[] {
  const known = plan ?? installed?.plan
  return known === undefined ? [] : [known]
}

/** What must be made for a moment, so that the server understands a query that names these models. */
export async function possibleModels(
  client: Client,
  lower: readonly LowerPlan[],
): Promise<readonly PossibleModel[]> {
  const possible: PossibleModel[] = []
  for (const it of lower) {
    for (const plan of planOf(it)) possible.push({ ...named(plan), make: await making(client, plan, it) })
  }
  return possible
}

function named(plan: Plan | RefreshPlan): Omit<PossibleModel, 'make'> {
  const { model, storage, key, readableBy } = plan
  const notNull = isRefreshed(plan) ? [] : (plan.notNull ?? [])
  return { model, storage, key, notNull, isRestricted: readableBy !== undefined }
}

/**
 * An empty table and the name of a model that is not installed, or is with other columns or in another version: then that steps aside
 * until all is rolled back, and who reads it waits for milliseconds.
 */
async function making(
  client: Client,
  plan: Plan | RefreshPlan,
  { installed }: LowerPlan,
): Promise<readonly string[]> {
  const { model, storage, install } = plan
  const isSameTable = installed?.storage === storage.name
  const isSame = isSameTable && columnsOf(installed.plan) === columnsOf(plan)
  if (isSame && installed.state === 'ready') return []
  const make = [install.up[0] ?? '', bareExpose(plan)[0] ?? '']
  const aside = await steppingAside(client, plan)
  if (installed === null) {
    const taken = await client.query<typeof model & object>(RELATIONS_OF_NAMES, [[model.name]])
    // What else has the name is told before anything is installed.
    if (aside.length === 0 && taken.some(({ schema }) => schema === model.schema)) return []
    return [...aside, sql`create schema if not exists ${ident(HOME)}`.text, ...make]
  }
  if (isSame) return [...aside, ...make]
  const [view, table] = [qualified(model), qualified(storage)]
  return [
    sql`set local lock_timeout = 500`.text,
    sql`alter view if exists ${view} rename to ${ident(formerName(model))}`.text,
    ...(isSameTable ? [sql`alter table ${table} rename to ${ident(formerName(storage))}`.text] : []),
    ...make,
  ]
}

/** What a model is to take the place of gives its name away until all is rolled back. */
async function steppingAside(
  client: Client,
  { model, replaces }: Plan | RefreshPlan,
): Promise<readonly string[]> {
  if (replaces === undefined || !(await stillStands(client, model, replaces))) return []
  return [
    sql`set local lock_timeout = 500`.text,
    sql`alter ${trusted(replaces.kind)} ${qualified(model)} rename to ${ident(formerName(model))}`.text,
  ]
}

/** All that a query can see of a stored table. */
function columnsOf(plan: Plan | RefreshPlan): string {
  const columns = plan.columns.map((it) => ({ hidden: false, ...it }))
  const decays = isRefreshed(plan) ? [] : plan.decays
  const seen = [...readerColumns({ columns, decays }), ...columns.filter(({ name }) => name === SHOWN)]
  return JSON.stringify(seen.map(({ name, type, collation }) => [name, type, collation]))
}
