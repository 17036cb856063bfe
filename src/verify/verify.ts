import { displayName } from '../sql/names.ts'
import { traced } from '../tracing.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { requireAllRows } from '../work/all-rows.ts'
import { lockSources } from '../work/drain.sql.ts'
import type { InstalledModel } from '../work/model.ts'
import { batchParameters, type UnitValues } from '../work/recompute.ts'
import { describeDrift, type Drift } from './drift.ts'
import { findCauses, isForeign } from './causes.ts'
import { rankDrift, repairRanks } from './ranks.ts'
import { markForRepair, queuedUnits, sampleUnits } from './verify.sql.ts'

export interface VerifyOptions {
  /** At most this many differing rows are listed for each model. */
  readonly limit?: number
  /** Compares only so many units, chosen at random from the stored rows; absent: everything. */
  readonly sample?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What comparing one read model with its query has found. */
export interface Verified {
  /** Its name, with its schema: `public.feed`. */
  readonly model: string
  /** How many rows were compared. */
  readonly rows: number
  /** Rows that are not what the query says: none is what is hoped for. */
  readonly drift: readonly Drift[]
  /** Units that were queued or pending in the snapshot: they are due to change, and were left out. */
  readonly queued: number
  /** What may have caused the drift; empty where there is none. */
  readonly causes: readonly string[]
}

const LIMIT = 100

/**
 * Compares read models with their queries, each in one read-only snapshot, without a lock that anybody could feel. Rows
 * of units that are queued in that snapshot are left out, so it is right at any moment, under any load.
 */
export async function verify(
  client: Client,
  models: readonly InstalledModel[],
  { limit = LIMIT, sample, signal }: VerifyOptions = {},
): Promise<readonly Verified[]> {
  const verified: Verified[] = []
  for (const model of models) {
    signal?.throwIfAborted()
    verified.push(
      await traced(
        'millrace.verify',
        { 'millrace.model': displayName(model) },
        () => verifyModel(client, model, limit, sample),
        ({ rows, drift }) => ({ 'millrace.rows': rows, 'millrace.drift': drift.length }),
      ),
    )
  }
  return verified
}

async function verifyModel(
  client: Client,
  model: InstalledModel,
  limit: number,
  sample: number | undefined,
): Promise<Verified> {
  return await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    // Before the snapshot: whoever waits for a slot to be emptied, or a source, must not look with an older one.
    await client.query(lockSources(model.plan))
    await requireAllRows(
      client,
      model.plan.sources.map(({ relation }) => relation),
    )
    const [counted] = await client.query<Counted>(queuedUnits(model.plan))
    const { rows, queued, isTrusted } = counted ?? { rows: 0, queued: 0, isTrusted: false }
    const name = `${model.schema}.${model.name}`
    // A rebuild is due, or the first build: every unit is queued, whatever the queue can name.
    if (!isTrusted && !(await isForeign(client, model.plan)))
      return { model: name, rows, queued: rows, drift: [], causes: [] }

    const found =
      sample === undefined
        ? await compareAll(client, model, limit)
        : await compareSome(client, model, limit, sample)
    const different = found.map(describeDrift)
    // Counting ranks reads every row, as a sample shall not.
    const ranks = sample === undefined ? await rankDrift(client, model.plan) : []
    const drift = [...different, ...ranks]
    const causes = different.length === 0 ? [] : await findCauses(client, model.plan)
    return { model: name, rows, queued, drift, causes }
  })
}

interface Counted {
  readonly rows: number
  readonly queued: number
  readonly isTrusted: boolean
}

type CompareRow = Parameters<typeof describeDrift>[0]

async function compareAll(
  client: Client,
  { plan }: InstalledModel,
  limit: number,
): Promise<readonly CompareRow[]> {
  return await client.query<CompareRow>(plan.statements.compare, [limit])
}

async function compareSome(
  client: Client,
  { plan }: InstalledModel,
  limit: number,
  sample: number,
): Promise<readonly CompareRow[]> {
  const units = (await client.query<Record<string, string | null>>(sampleUnits(plan), [sample])).map(
    Object.values<string | null>,
  )
  const found: CompareRow[] = []
  for (const { nulls, sql } of plan.statements.compareUnits) {
    const batch = units.filter((unit) => unit.every((value, i) => (value === null) === nulls[i]))
    if (batch.length === 0) continue
    found.push(...(await client.query<CompareRow>(sql, [...batchParameters(nulls, batch), limit])))
  }
  return found
}

/** Puts exactly the units that differ into the pending table, for the next drains to mend; ranks are mended at once. */
export async function repair(
  client: Client,
  model: InstalledModel,
  drift: readonly Drift[],
): Promise<number> {
  const units = drift
    .filter(({ kind }) => kind !== 'ranks')
    .map(({ key }): UnitValues => model.plan.unit.map(({ name }) => key[name] ?? null))
  await withTransaction(client, {}, async () => {
    for (const unit of units) await client.query(markForRepair(model.plan), unit)
  })
  if (units.length < drift.length) await repairRanks(client, model.plan)
  return drift.length
}
