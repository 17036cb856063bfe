import { displayName } from '../../sql/names.ts'
import { describeSourceChange, findSourceChanges } from '../../work/source-changes.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'

type Found = Omit<Finding, 'check'>

/** Tables and columns that are not what they were when a read model was installed: it is not drained until it is mended. */
export async function sourceShape({ client, models }: Examination): Promise<readonly Found[]> {
  const findings: Found[] = []
  for (const { plan, isReleased = false } of models) {
    const object = displayName(plan.model)
    const changes = await findSourceChanges(client, plan)
    const remedy = [runCommand('millrace plan'), runCommand('millrace migrate up')]
    if (changes.length > 0) {
      const what = changes.map(describeSourceChange).join('; ')
      const message = `${what}. Writes go on, plain reads show the rows of before. Declare the read model as the table is now`
      findings.push({ severity: 'error', object, message, remedy })
    }
    if (isReleased) {
      const message =
        'its strict read was given up, or dropped, for a change of a source: it is to be made anew'
      findings.push({ severity: 'error', object, message, remedy })
    }
  }
  return findings
}
