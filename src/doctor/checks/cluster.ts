import { CLUSTERS } from '../../verify/causes.sql.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'
import { displayName } from '../../sql/names.ts'

/** Stored rows that were made in another database: it was restored from a dump, or moved. */
export async function cluster({ client, models }: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const findings: Omit<Finding, 'check'>[] = []
  for (const model of models) {
    const [last] = await client.query<{ same: boolean }>(CLUSTERS, [model.storage])
    if (last?.same !== false) continue
    findings.push({
      severity: 'error',
      object: displayName(model),
      message:
        'it was last drained in another database, where snapshots meant something else; only strict reads are exact',
      remedy: [runCommand(`millrace rebuild ${displayName(model)}`)],
    })
  }
  return findings
}
