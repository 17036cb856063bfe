import { hasSqlState, SQLSTATE } from '../../pg/errors.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'

type Found = Omit<Finding, 'check'>

/** Read models in which the last verification on a schedule found drift, or which it could not compare. */
export async function drift({ client }: Examination): Promise<readonly Found[]> {
  try {
    return (await client.query<LastVerification>(LAST_VERIFICATIONS)).map(findingOf)
  } catch (error) {
    // Millrace's schema is older than this program: another check speaks of that.
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) return []
    throw error
  }
}

interface LastVerification {
  readonly model: string
  readonly at: string
  readonly drift: number | null
  readonly error: string | null
}

const LAST_VERIFICATIONS = `
  select m.schema_name || '.' || m.name as model,
         to_char(v.verified_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at,
         v.drift::float8 as drift,
         v.error
  from millrace.model as m
  cross join lateral (
    select * from millrace.verification as v where v.model = m.storage order by v.id desc limit 1
  ) as v
  where m.state = 'ready' and (v.drift > 0 or v.error is not null)
  order by 1`

function findingOf({ model, at, drift, error }: LastVerification): Found {
  const found =
    error === null
      ? `found ${String(drift)} rows that differ from its query`
      : `could not compare it: ${error}`
  return {
    severity: 'error',
    object: model,
    message: `the verification of ${at} ${found}`,
    remedy: [
      runCommand(`millrace verify ${model}${error === null ? ' --repair' : ''}`),
      { kind: 'sql', sql: 'select millrace.verify();' },
    ],
  }
}
