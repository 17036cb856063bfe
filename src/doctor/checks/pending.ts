import type { Client } from '../../pg/client.ts'
import { ident, sql } from '../../sql/sql.ts'
import type { InstalledModel } from '../../work/model.ts'
import { pendingByError } from '../doctor.sql.ts'
import { runCommand, runSql, type Examination, type Finding } from '../finding.ts'
import { lookUntil } from '../patience.ts'
import { displayName } from '../../sql/names.ts'

/** Units that are set aside with an error, and units that wait while nobody recomputes them. */
export async function pending({
  client,
  models,
  limits,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const findings: Omit<Finding, 'check'>[] = []
  for (const model of models) {
    const groups = await lookUntil(
      limits.patienceMs,
      () => readPending(client, model),
      (now, first) => waiting(now) === 0 || waiting(now) < waiting(first),
    )
    findings.push(...groups.map((it) => finding(model, it)))
  }
  return findings
}

interface Group {
  readonly error: string | null
  readonly units: number
  readonly first: string
  readonly cause: string
}

async function readPending(client: Client, { plan }: InstalledModel): Promise<readonly Group[]> {
  return await client.query<Group>(pendingByError(plan))
}

function waiting(groups: readonly Group[]): number {
  return groups.find(({ error }) => error === null)?.units ?? 0
}

function finding(model: InstalledModel, { error, units, first, cause }: Group): Omit<Finding, 'check'> {
  const object = displayName(model)
  if (error === null) {
    const message = `${String(units)} units wait to be recomputed (${cause}); until then only strict reads are exact`
    return { severity: 'warning', object, message, remedy: [runCommand('millrace drain')] }
  }
  const { schema, name } = model.plan.pending
  return {
    severity: 'error',
    object,
    message: `${String(units)} units are set aside (${first}, …): ${error}. Correct what they read; then they are tried again by themselves, or at once with the statement below`,
    remedy: [
      runSql(sql`update ${ident(schema, name)} set retry_at = null where error is not null`.text),
      runCommand('millrace drain'),
    ],
  }
}
