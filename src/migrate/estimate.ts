import type { Plan } from '../compile/plan.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { isDatabaseError } from '../pg/errors.ts'
import type { InstalledPlan } from '../work/model.ts'
import { isMaking, type Change } from './changes.ts'
import type { Estimate } from './step.ts'

/**
 * How many rows the planner expects of each model that is to be filled, by the name of its stored table, and how long that takes by
 * what portions of a backfill have taken so far: of other versions of the model, else of any.
 */
export async function estimateRows(
  client: Client,
  changes: readonly Change[],
  installed: readonly InstalledPlan[],
): Promise<ReadonlyMap<string, Estimate>> {
  const filled = changes.filter(isMaking).filter(({ kind }) => FILLED.includes(kind))
  const rates =
    installed.length === 0 || filled.length === 0 ? new Map<string, number>() : await readRates(client)
  const estimates = new Map<string, Estimate>()
  for (const { model } of filled) {
    const rows = await expectedRows(client, model.plan)
    if (rows === null) continue
    const versions = installed.filter((it) => it.plan.model.name === model.plan.model.name)
    const rate = versions.map(({ storage }) => rates.get(storage)).find((it) => it !== undefined)
    const msPerRow = rate ?? rates.get('')
    const seconds = msPerRow === undefined ? null : Math.ceil((rows * msPerRow) / 1_000)
    estimates.set(model.plan.storage.name, { rows, seconds })
  }
  return estimates
}

const FILLED: readonly Change['kind'][] = ['create', 'replace', 'renew', 'finish']

/** → milliseconds for each unit, by the names of stored tables; '' for all of them. Portions of few units tell nothing. */
const RATES = `
  select coalesce(model, '') as model, sum(duration_ms) / sum(units) as rate
  from millrace.refresh_log
  where changes = 0 and units >= 100 and status = 'completed'
  group by grouping sets ((model), ())
  having sum(units) > 0`

async function readRates(client: Client): Promise<ReadonlyMap<string, number>> {
  const rows = await client.query<{ model: string; rate: number }>(RATES)
  return new Map(rows.map(({ model, rate }) => [model, rate]))
}

/** Null where the query calls what is not made yet. */
async function expectedRows(client: Client, { query, chain, settings }: Plan): Promise<number | null> {
  try {
    return await withTransaction(client, { readOnly: true }, async () => {
      const [row] = await client.query<{ 'QUERY PLAN': readonly [{ Plan: { 'Plan Rows': number } }] }>(
        `explain (format json) ${chain?.query ?? settings?.query ?? query}`,
      )
      return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? null
    })
  } catch (error) {
    if (isDatabaseError(error)) return null
    throw error
  }
}
