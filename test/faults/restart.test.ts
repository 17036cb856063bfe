import { afterAll, beforeAll, expect, test } from 'vitest'
import { withConnection, type Client } from '../../src/pg/client.ts'
import { readModels } from '../../src/work/model.ts'
import { rotate } from '../../src/work/rotate.ts'
import { MODELS } from './models.ts'
import type { Change } from './record.ts'
import { startOwnServer, type OwnServer } from './own-server.ts'
import { expectNothingLost, makeScene, run, type Scene } from './scene.ts'
import { expectSays, untilDrained } from './worker-at-work.ts'

let server: OwnServer
beforeAll(async () => {
  server = await startOwnServer()
})
afterAll(() => server.end())

test.each(['crash', 'stop'] as const)('a worker outlives its server: %s', async (end) => {
  const scene = await makeScene({ serverUrl: server.url })
  await run(scene, 'installer', 'migrate', 'up')
  await scene.writer.start()
  const worker = scene.start('worker')
  await expectSays(worker, 'working on')
  await scene.writer.commits(20)

  await server[end]()
  await scene.writer.cut()
  await expectSays(worker, 'no connection')
  await server.restart()
  await scene.writer.start()
  await scene.writer.commits(20)
  await scene.writer.stop()

  await withConnection({ url: scene.database.url('owner') }, async (owner) => {
    await untilDrained(owner, await readModels(owner))
  })
  worker.signal('SIGTERM')
  expect(await worker.ended).toMatchObject({ code: 0 })
  await expectNothingLost(scene)
})

/** Rows that the writer's own changes are not about. */
const ITEMS = 70

const RAISE: Change = {
  sql: `update items set price = 777, category = 'prepared' where id = 65;
        insert into votes values (65, 9, 5);
        insert into items values (5001, 3, null, 60)`,
  apply: ({ items, votes }) => {
    Object.assign(items.get(65) ?? {}, { price: 777, category: 'prepared' })
    votes.set('65/9', 5)
    items.set(5001, { owner: 3, category: null, price: 60 })
  },
}

const REMOVE: Change = {
  sql: 'delete from items where id between 66 and 70; delete from votes where item_id = 20',
  apply: () => {
    throw new Error('it is rolled back')
  },
}

test('transactions that are prepared when the server crashes count when they are committed, or never', async () => {
  // A prepared transaction keeps what it has locked, and with that the rows of models that writers keep.
  const models = MODELS.filter(({ freshness }) => freshness !== 'immediate')
  const scene = await makeScene({ items: ITEMS, serverUrl: server.url, models })
  await run(scene, 'installer', 'migrate', 'up')
  await withConnection({ url: scene.database.url('writer') }, async (session) => {
    await prepare(session, 'raise', RAISE)
    await prepare(session, 'remove', REMOVE)
  })
  await writeAndCompare(scene)

  await scene.writer.start()
  await scene.writer.commits(5)
  await server.crash()
  await scene.writer.cut()
  await server.restart()
  await writeAndCompare(scene)
  await emptySlots(scene)

  await withConnection({ url: scene.database.url('writer') }, async (session) => {
    await session.query(`commit prepared 'raise'`)
    RAISE.apply(scene.writer.tables)
    await session.query(`rollback prepared 'remove'`)
  })
  await writeAndCompare(scene)
})

async function prepare(session: Client, name: string, { sql }: Change): Promise<void> {
  await session.query(`begin; ${sql}; prepare transaction '${name}'`)
}

async function writeAndCompare(scene: Scene): Promise<void> {
  await scene.writer.start()
  await scene.writer.commits(20)
  await scene.writer.stop()
  await expectNothingLost(scene)
}

/** All but the one in which the prepared changes are: their transactions hold on to it. */
async function emptySlots(scene: Scene): Promise<void> {
  await withConnection({ url: scene.database.url('worker') }, async (client) => {
    const { emptied } = await rotate(client, await readModels(client), { everySlot: true })
    expect(emptied).toBeGreaterThan(0)
  })
}
