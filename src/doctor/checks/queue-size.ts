import { QUEUE_SLOTS, displayName, queueSlotName } from '../../sql/names.ts'
import { QUEUE_SIZE } from '../doctor.sql.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'
import { examinedSources } from '../sources.ts'

/** A queue that has grown large: every strict read and every drain looks through it. */
export async function queueSize({
  client,
  models,
  limits,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const findings: Omit<Finding, 'check'>[] = []
  for (const { relation } of examinedSources(models)) {
    const slots = [...Array(QUEUE_SLOTS).keys()].map((slot) => queueSlotName(relation, slot).name)
    const [size] = await client.query<{ bytes: number; rows: number }>(QUEUE_SIZE, [slots])
    if (size === undefined || size.bytes <= limits.maxQueueBytes) continue
    findings.push({
      severity: 'warning',
      object: displayName(relation),
      message: `its change queue takes ${megabytes(size.bytes)}: it is emptied too seldom, or cannot be`,
      // It drains, and empties what is drained.
      remedy: [runCommand('millrace drain')],
    })
  }
  return findings
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`
}
