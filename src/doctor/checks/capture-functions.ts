import type { EventCapture } from '../../compile/capture/capture.ts'
import { FUNCTION } from '../doctor.sql.ts'
import { runSql, type Examination, type Finding } from '../finding.ts'
import { examinedSources, expectedCapture, rebuildOf } from '../sources.ts'
import { displayName } from '../../sql/names.ts'

const SETTINGS = ['search_path=pg_catalog, pg_temp']

/** Capture functions that somebody has replaced or altered. Where one is missing its trigger is, too. */
export async function captureFunctions({
  client,
  models,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const findings: Omit<Finding, 'check'>[] = []
  for (const source of examinedSources(models)) {
    for (const capture of await expectedCapture(client, source)) {
      const { schema, name } = capture.functionName
      const [found] = await client.query<Found>(FUNCTION, [schema, name])
      const difference = found === undefined ? undefined : differenceOf(found, capture)
      if (difference === undefined) continue
      findings.push({
        severity: 'error',
        object: displayName(source.relation),
        message: `the capture function ${schema}.${name} ${difference}`,
        remedy: [runSql(capture.createFunction), rebuildOf(source.models)],
      })
    }
  }
  return findings
}

interface Found {
  readonly body: string
  readonly isSecurityDefiner: boolean
  readonly settings: readonly string[] | null
}

function differenceOf(
  { body, isSecurityDefiner, settings }: Found,
  expected: EventCapture,
): string | undefined {
  if (body !== expected.body) return 'has another body than this version of Millrace writes'
  if (!isSecurityDefiner) return 'does not run as its owner, so writers may lack the right to queue'
  if (JSON.stringify(settings) !== JSON.stringify(SETTINGS)) return 'has no search_path of its own'
  return undefined
}
