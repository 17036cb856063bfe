import { withConnection } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { readModels } from '../../src/work/model.ts'
import { rotate } from '../../src/work/rotate.ts'

// A worker that empties every slot at every turn: the real one waits until the clock has left a slot.
await withConnection({ url: process.env['DATABASE_URL'] ?? '', name: 'test rotation' }, async (client) => {
  const models = await readModels(client)
  for (;;) {
    await drainAll(client, models)
    await rotate(client, models, { everySlot: true })
  }
})
