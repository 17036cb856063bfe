import { withTransaction, type Client } from '../pg/client.ts'
import { requireAllRows } from '../work/all-rows.ts'
import type { RefreshedModel } from '../work/schedule/installed.ts'
import { lockReads } from '../work/schedule/refresh.sql.ts'
import { describeDrift, type Drift } from './drift.ts'
import type { Verified } from './verify.ts'

/** A refreshed read model is compared with what its last refresh wrote, and with its query as it answers now. */
export interface VerifiedRefresh extends Verified {
  /** When that was, in ISO 8601; null if it has not been refreshed yet. */
  readonly asOf: string | null
  /** Rows that a refresh would change now: what has happened since, which is no drift. */
  readonly changedSince: number
}

/**
 * Compares read models that are refreshed on a schedule, each in one read-only snapshot. That somebody else has written to the
 * stored rows shows in what they add up to (`millrace.job.digest`): only then is what differs from the query called drift,
 * for nobody can ask the query of the past.
 */
export async function verifyRefreshed(
  client: Client,
  { model }: RefreshedModel,
  limit = 100,
): Promise<VerifiedRefresh> {
  const { plan } = model
  return await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    await client.query(lockReads(plan))
    await requireAllRows(client, plan.reads)
    const [last] = await client.query<LastRefresh>(LAST_REFRESH, [plan.storage.name])
    const [stored] = await client.query<{ rows: number; digest: string }>(plan.statements.digest)
    const differing = await client.query<Parameters<typeof describeDrift>[0]>(plan.statements.compare, [
      COUNTED,
    ])
    const isUntouched = last?.digest !== undefined && last.digest === stored?.digest
    const drift = isUntouched ? [] : differing.slice(0, limit).map(describeDrift)
    return {
      model: `${model.schema}.${model.name}`,
      rows: stored?.rows ?? 0,
      drift,
      queued: 0,
      causes: causesOf(drift, last),
      asOf: last?.asOf ?? null,
      changedSince: isUntouched ? differing.length : 0,
    }
  })
}

/** More rows than these are not counted. */
const COUNTED = 100_000

interface LastRefresh {
  readonly digest: string | null
  readonly asOf: string
}

/** `$1` storage → what the rows added up to, and when that was. */
const LAST_REFRESH = `
  select j.digest,
         to_char(w.reached_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "asOf"
  from millrace.job as j
  join millrace.watermark as w on w.model = j.storage
  where j.storage = $1::text
  order by w.n desc
  limit 1`

function causesOf(drift: readonly Drift[], last: LastRefresh | undefined): readonly string[] {
  if (drift.length === 0) return []
  if (last === undefined) return ['it has not been refreshed yet']
  return [
    `somebody has written to the stored rows since its last refresh at ${last.asOf}; shown is what differs from the query by now`,
  ]
}
