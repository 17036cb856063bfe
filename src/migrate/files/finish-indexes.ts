import type { PlanIndex } from '../../compile/plan.ts'
import type { Client } from '../../pg/client.ts'
import { displayName } from '../../sql/names.ts'
import { ident } from '../../sql/sql.ts'
import { readVersions, type InstalledModel } from '../../work/model.ts'
import { withInstallLock } from '../install-lock.ts'
import type { LockRetry } from '../lock-retry.ts'
import { indexSteps } from '../model-steps.ts'
import { runSteps } from '../run-steps.ts'

/** Makes the indexes that a file has noted and left, or whose making was interrupted, while others read and write. → the models */
export async function finishIndexes(client: Client, lock: LockRetry): Promise<readonly string[]> {
  return await withInstallLock(client, lock, async () => {
    const finished: string[] = []
    for (const model of (await readVersions(client)).filter(({ state }) => state === 'ready')) {
      const made = await missingIndexes(client, model)
      if (made.length === 0) continue
      await runSteps(client, indexSteps(model.plan, { made, dropped: [] }), lock, 'index.made')
      finished.push(displayName(model))
    }
    return finished
  })
}

async function missingIndexes(
  client: Client,
  { plan: { install, storage }, invalidIndexes = [] }: InstalledModel,
): Promise<readonly PlanIndex[]> {
  const { indexes = [] } = install
  if (indexes.length === 0) return []
  const names = indexes.map(({ name }) => ident(storage.schema, name).text)
  const rows = await client.query<{ name: string }>(
    'select name from unnest($1::text[]) as name where to_regclass(name) is null',
    [names],
  )
  const missing = new Set(rows.map(({ name }) => name))
  return indexes.filter(
    ({ name }, i) => missing.has(names[i] ?? '') || invalidIndexes.some((it) => it === name),
  )
}
