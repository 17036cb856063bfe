import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import type { WorkEvent } from './events.ts'
import { work } from './loop.ts'

const SCHEMA = `
  create table items (id int primary key, price int not null, amount int not null);
  insert into items select i, i, 1 from generate_series(1, 5) as i;`

const GOOD = { name: 'plain', key: 'id', query: 'select id, price from items' }
const RATIO = { name: 'ratio', key: 'id', query: 'select id, price / amount as each from items' }

/** Runs a worker and hands out its events; `until` waits for one. */
function startWorker(url: string) {
  const stop = new AbortController()
  const events: WorkEvent[] = []
  const waiting = new Set<() => void>()
  const done = work({
    url,
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event)
      for (const wake of waiting) wake()
    },
  })
  return {
    async until(matches: (event: WorkEvent) => boolean): Promise<WorkEvent> {
      for (;;) {
        const found = events.find(matches)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => waiting.add(resolve))
      }
    },
    forget: () => events.splice(0),
    async stop() {
      stop.abort()
      await done
    },
  }
}

const drained = (name: string) => (event: WorkEvent) => event.kind === 'drained' && event.model.name === name

test('a worker notices a commit and stops when asked', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  await installModels(owner, [GOOD])

  const worker = startWorker(database.url('worker'))
  await worker.until((event) => event.kind === 'started')
  await writer.query('update items set price = 70 where id = 3')
  await worker.until(drained('plain'))
  expect(await owner.query('select price from plain where id = 3')).toEqual([{ price: 70 }])
  await worker.stop()
})

test('a key that cannot be computed is set aside, and the rest goes on', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  await installModels(owner, [RATIO])

  const worker = startWorker(database.url('worker'))
  await worker.until((event) => event.kind === 'started')
  await writer.query('update items set amount = case id when 3 then 0 else 5 end, price = 10')
  const event = await worker.until(drained('ratio'))
  expect(event).toMatchObject({ result: { failed: [{ unit: ['3'], error: 'division by zero' }] } })
  expect(await owner.query('select id, each from ratio order by id')).toEqual(
    [1, 2, 3, 4, 5].map((id) => ({ id, each: id === 3 ? 3 : 2 })),
  )

  worker.forget()
  await writer.query('update items set amount = 2 where id = 3')
  await worker.until(drained('ratio'))
  expect(await owner.query('select each from ratio where id = 3')).toEqual([{ each: 5 }])
  expect(await owner.query('select * from millrace.pending_ratio_v1')).toEqual([])
  await worker.stop()
})

test('a worker connects again after its connection was cut', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const superuser = await database.connect('superuser')
  await installModels(owner, [GOOD])

  const worker = startWorker(database.url('worker'))
  await worker.until((event) => event.kind === 'started')
  await superuser.query(`select pg_terminate_backend(pid) from pg_stat_activity
                         where application_name = 'millrace worker' and datname = current_database()`)
  await worker.until((event) => event.kind === 'disconnected')
  await writer.query('update items set price = 71 where id = 3')
  await worker.until(drained('plain'))
  expect(await owner.query('select price from plain where id = 3')).toEqual([{ price: 71 }])
  await worker.stop()
})
