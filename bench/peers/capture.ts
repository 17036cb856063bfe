import { compileModel } from '../../src/migrate/compile-model.ts'
import { install, remove } from '../../src/migrate/install.ts'
import { withConnection } from '../../src/pg/client.ts'
import { readModels } from '../../src/work/model.ts'
import { startWorker } from '../load/worker.ts'
import { COUNT_VOTES } from '../votes.sql.ts'
import type { Peer } from './peer.ts'

/** Millrace: the writers pay for capture, a worker in a process of its own drains meanwhile. */
export const capture: Peer = {
  name: 'capture',
  title: 'Millrace',
  setUp: [],
  tearDown: [],
  hasCounters: true,
  isEventual: true,
  async start(url) {
    await withConnection({ url }, async (client) => {
      await install(client, [await compileModel(client, COUNTERS)])
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
  },
}

const COUNTERS = { schema: 'public', name: 'counters', key: ['project_id'], query: COUNT_VOTES, indexes: [] }
