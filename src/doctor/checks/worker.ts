import { WORKERS } from '../doctor.sql.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'

/** No worker is connected: changes are kept, and nobody applies them. */
export async function worker({ client, models }: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const [row] = await client.query<{ workers: number }>(WORKERS)
  if (models.length === 0 || (row?.workers ?? 0) > 0) return []
  return [
    {
      severity: 'error',
      object: 'worker',
      message: 'no worker is connected to this database, so nothing is drained',
      remedy: [runCommand('millrace work')],
    },
  ]
}
