import { ident, literal, sql } from '../../sql/sql.ts'
import { runSql, type Examination, type Finding } from '../finding.ts'
import { rebuildOf } from '../sources.ts'
import { displayName } from '../../sql/names.ts'

type Found = Omit<Finding, 'check'>

/** What writers need to keep immediate read models: their functions, and the trigger that calls them at the commit. */
export async function applyFunctions({ client, models }: Examination): Promise<readonly Found[]> {
  const immediate = models.filter(({ plan }) => plan.immediate !== null)
  if (immediate.length === 0) return []

  const findings: Found[] = []
  const [trigger] = await client.query<{ state: string }>(TRIGGER)
  if (trigger?.state !== 'O' && trigger?.state !== 'A') {
    findings.push({
      severity: 'error',
      object: 'millrace.at_commit',
      message: 'its trigger is disabled or missing: what writers queue for immediate models is not applied',
      remedy: [
        runSql('alter table millrace.at_commit enable trigger apply_own_changes'),
        rebuildOf(immediate),
      ],
    })
  }
  for (const { plan } of immediate) {
    const { schema, name } = plan.immediate?.apply ?? plan.model
    const signature = literal(sql`${ident(schema, name)}(bigint[])`.text).text
    const [found] = await client.query<{ exists: boolean }>(
      `select to_regprocedure(${signature}) is not null as exists`,
    )
    if (found?.exists === true) continue
    findings.push({
      severity: 'error',
      object: displayName(plan.model),
      message: `the function ${schema}.${name} is missing: writes fail when they commit`,
      remedy: plan.install.functions.up.map(runSql),
    })
  }
  return findings
}

const TRIGGER = `
  select tgenabled::text as state
  from pg_trigger
  where tgrelid = to_regclass('millrace.at_commit') and tgname = 'apply_own_changes'`
