import { isRefreshed } from '../compile/refresh/refresh-plan.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import type { InstalledPlan } from '../work/model.ts'
import { describeSourceChange, findSourceChanges } from '../work/source-changes.ts'

/** A query that the server does not take any more: what has changed in the tables since its model was installed. */
export async function explainRejected(
  client: Client,
  error: MillraceError,
  installed: InstalledPlan | undefined,
): Promise<MillraceError> {
  if (error.code !== 'QUERY_INVALID' || installed === undefined || isRefreshed(installed.plan)) return error
  const changes = await findSourceChanges(client, installed.plan)
  if (changes.length === 0) return error
  const { code, detail, position, source, file } = error
  const hint = `Since it was installed: ${changes.map(describeSourceChange).join('; ')}.`
  return new MillraceError(code, { detail, hint, position, source, file, cause: error })
}
