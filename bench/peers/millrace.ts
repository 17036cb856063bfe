import type { KeptFreshness } from '../../src/define/read-model.ts'
import { compileModel } from '../../src/migrate/compile-model.ts'
import { install, remove } from '../../src/migrate/install.ts'
import { withConnection } from '../../src/pg/client.ts'
import { readModels } from '../../src/work/model.ts'
import { startWorker } from '../load/worker.ts'
import type { KeptModel } from '../subjects/subject.ts'
import type { Started } from './peer.ts'

/** Installs the model, backfilled, and starts a worker in a process of its own, as in production. */
export async function startMillrace(
  url: string,
  model: KeptModel,
  freshness: KeptFreshness,
): Promise<Started> {
  await withConnection({ url }, async (client) => {
    const definition = { ...model, schema: 'public', freshness, onError: 'fail' as const }
    await install(client, [await compileModel(client, definition)])
  })
  const worker = await startWorker(url)
  return {
    async stop() {
      await worker.stop()
      await withConnection({ url }, async (client) => {
        await remove(client, await readModels(client))
      })
    },
  }
}
