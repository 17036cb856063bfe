import type { Client } from '../pg/client.ts'
import { statementName } from '../sql/names.ts'

/**
 * Up to so many changes or units are few. A plan that knows no values reckons with ten in a list and few rows of a queue: right for
 * these, and a disaster for a backfill.
 */
export const FEW = 100

/** A plan that took so long was made when the tables had other sizes, perhaps, or is wrong for some values. */
export const SLOW_MS = 100
/** For so many runs after that the values are planned with, before a plan is made to be kept again. */
export const RUNS_BY_VALUES = 20

interface Kept {
  generation: number
  runsByValues: number
}

/** By the statement, whoever runs it: a connection may be behind several clients, and a name that one has given up is not to be used by another. */
const keptOf = new Map<string, Kept>()

/** For the transaction, by statements that take no snapshot: what is prepared in it is planned once for each connection. */
export const KEEP_PLANS = 'set local plan_cache_mode = force_generic_plan'
const PLAN_BY_VALUES = 'set local plan_cache_mode = force_custom_plan'

/** Of a statement without values: planning it takes ten times as long as running it. */
export async function queryPlannedOnce<Row extends object>(client: Client, text: string): Promise<Row[]> {
  return await client.query<Row>(text, [], statementName(text))
}

/**
 * Runs a statement of a drain, in which planning takes longer than running it where rows are few: then by a plan that this
 * connection keeps, else by one for these values. The server makes a kept one anew when a table is analyzed or altered; here it is
 * given up when it was slow.
 */
export async function queryByRows<Row extends object>(
  client: Client,
  text: string,
  values: readonly unknown[],
  { few }: { readonly few: boolean },
): Promise<Row[]> {
  const kept = keptOf.get(text) ?? { generation: 0, runsByValues: 0 }
  keptOf.set(text, kept)
  if (few && kept.runsByValues === 0) return await runKept(client, text, values, kept)

  if (few) kept.runsByValues -= 1
  await client.query(PLAN_BY_VALUES)
  const rows = await client.query<Row>(text, values)
  await client.query(KEEP_PLANS)
  return rows
}

async function runKept<Row extends object>(
  client: Client,
  text: string,
  values: readonly unknown[],
  kept: Kept,
): Promise<Row[]> {
  const name = statementName(text, kept.generation)
  const startedAt = performance.now()
  const rows = await client.query<Row>(text, values, name)
  if (performance.now() - startedAt > SLOW_MS) {
    kept.generation += 1
    kept.runsByValues = RUNS_BY_VALUES
    await giveUp(client, name)
  }
  return rows
}

/** A client that passes no names on has nothing to give up, and an error would end the drain. */
async function giveUp(client: Client, name: string): Promise<void> {
  const found = await client.query('select name from pg_prepared_statements where name = $1', [name])
  if (found.length > 0) await client.query(`deallocate ${name}`)
}
