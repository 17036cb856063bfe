import type { Client } from '../pg/client.ts'
import { qualified, sql } from '../sql/sql.ts'
import { listQueuedUnits, queuedUnits } from '../verify/verify.sql.ts'
import { readModels, type InstalledModel } from '../work/model.ts'
import { recomputeUnits, type UnitValues } from '../work/recompute.ts'
import { duePending } from '../work/drain.sql.ts'
import type { TestDrained } from './drain-all.ts'

/**
 * Makes the read models fresh within a transaction that is to be rolled back. A drain cannot: it begins with a snapshot in which
 * its own transaction has not written yet, and records it as a watermark. So the units that a strict read would compute are
 * recomputed here, and what was queued is deleted, all of which goes with the transaction. Capture, paths and recompute are those
 * of the drain; folds are not tried, and what is refreshed on a schedule stays as it is.
 */
export async function recomputeQueued(client: Client): Promise<TestDrained> {
  const models = await readModels(client)
  await applyOwnChanges(client)
  const total = { units: 0, rowsChanged: 0, failed: 0 }
  for (const model of models) {
    const units = await unitsOf(client, model)
    const { rowsChanged, failed } = await recomputeUnits(client, model.plan, units)
    total.units += units.length
    total.rowsChanged += rowsChanged
    total.failed += failed.length
  }
  for (const queue of models.flatMap(({ plan }) => plan.sources.map((source) => source.queue)))
    await client.query(sql`delete from ${qualified(queue)} where xid <> '0'`.text)
  return total
}

/** What writers of immediate models do at their commit, which this transaction will not come to. */
async function applyOwnChanges(client: Client): Promise<void> {
  await client.query('set constraints millrace.apply_own_changes immediate')
  await client.query('set constraints millrace.apply_own_changes deferred')
}

/** Queued units, and pending ones, which are not pending any more. Where the queue cannot tell (a TRUNCATE), every unit. */
async function unitsOf(client: Client, { plan }: InstalledModel): Promise<readonly UnitValues[]> {
  const [state] = await client.query<{ isTrusted: boolean }>(queuedUnits(plan))
  if (state?.isTrusted !== true) await client.query(plan.statements.enumerate, ['rebuild'])
  const rows =
    state?.isTrusted === true
      ? await client.query<Record<string, string | null>>(listQueuedUnits(plan))
      : await client.query<Record<string, string | null>>(duePending(plan), [null])
  await client.query(sql`delete from ${qualified(plan.pending)}`.text)
  return rows.map((row) => Object.values(row))
}
