import { qualified, sql } from '../../sql/sql.ts'
import { runSql, type Examination, type Finding } from '../finding.ts'
import { displayName } from '../../sql/names.ts'

/** Triggers of a leaderboard's stored table that are missing or disabled: its ranks do not follow its rows then. */
export async function rankTriggers({
  client,
  models,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const findings: Omit<Finding, 'check'>[] = []
  for (const { plan, state } of models) {
    // They are made when the first backfill is complete.
    if (plan.leaderboard === undefined || state !== 'ready') continue
    const { triggers, trees } = plan.leaderboard
    const enabled = await client.query(ENABLED, [plan.storage.schema, plan.storage.name])
    if (enabled.length === triggers.length) continue
    findings.push({
      severity: 'error',
      object: displayName(plan.model),
      message: `${String(triggers.length - enabled.length)} of the triggers that keep its ranks are missing or disabled`,
      remedy: [
        ...triggers.map(runSql),
        ...trees.map(({ fill }) => runSql(sql`select ${qualified(fill)}()`.text)),
      ],
    })
  }
  return findings
}

const ENABLED = `
  select t.tgname
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2
    and t.tgname like 'millrace\\_ranks\\_%' and t.tgenabled in ('O', 'A')`
