import { expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { withConnection, type Client } from '../pg/client.ts'
import { verify } from '../verify/verify.ts'
import { drainAll } from './drain-all.ts'
import { drainOnce } from './drain.ts'
import { readModels, type InstalledModel } from './model.ts'
import { work } from './loop.ts'
import { rebuild, rebuildAll } from './rebuild.ts'
import { rotate } from './rotate.ts'

const PROJECTS = 300
const SCHEMA = `
  create table projects (id int primary key, title text not null);
  create table votes (user_id int, project_id int references projects on delete cascade, up boolean not null,
                      primary key (user_id, project_id));
  create index on votes (project_id);
  insert into projects select i, 'project ' || i from generate_series(1, ${String(PROJECTS)}) as i;
  insert into votes select u, i, (u + i) % 3 = 0 from generate_series(1, 5) as u, generate_series(1, ${String(PROJECTS)}) as i;`

const QUERY = `select p.id, p.title, (select count(*) from votes v where v.project_id = p.id and v.up) as ups from projects p`
const MODEL = { name: 'tally', key: 'id', query: QUERY }

async function only(client: Client): Promise<InstalledModel> {
  const [model] = await readModels(client)
  if (model === undefined) throw new Error('not installed')
  return model
}

/** Rows that the first relation has and the second has not, and the reverse: by image, for 1.0 is not 1.00. */
async function differences(client: Client, relation: string): Promise<number> {
  const [row] = await client.query<{ count: string }>(
    `select count(*) from (select * from ${relation}) s full join (${QUERY}) q using (id)
     where record_image_ne(row(s.title, s.ups), row(q.title, q.ups))`,
  )
  return Number(row?.count)
}

const CORRUPT = `
  delete from millrace.tally_v1 where id % 7 = 0;
  update millrace.tally_v1 set title = 'wrong', ups = -1 where id % 5 = 0;
  insert into millrace.tally_v1 select 100000 + i, 'never was', i from generate_series(1, 40) as i;`

/** Writes until it is stopped; every statement is a transaction of its own. */
async function write(database: TestDatabase, seed: number, signal: AbortSignal): Promise<number> {
  const client = await database.connect('writer')
  let commits = 0
  for (let i = seed; !signal.aborted; i += 7) {
    const id = (i * 31) % (PROJECTS + 30)
    await client.query(
      `insert into votes select 6 + $1 % 3, id, true from projects where id = $1 on conflict do nothing`,
      [id],
    )
    await client.query(`update votes set up = not up where project_id = $1`, [(id * 13) % PROJECTS])
    await client.query(`update projects set title = title || '.' where id = $1`, [(id * 17) % PROJECTS])
    await client.query(`delete from projects where id = $1`, [(id * 3) % PROJECTS])
    await client.query(`insert into projects values ($1, 'born later') on conflict do nothing`, [id])
    commits += 5
  }
  return commits
}

/** Compares strict reads with the query until it is stopped. */
async function readStrictly(client: Client, signal: AbortSignal): Promise<readonly number[]> {
  const wrong: number[] = []
  while (!signal.aborted) wrong.push(await differences(client, 'tally_strict'))
  return wrong
}

test('builds corrupted rows anew while others write', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const reader = await database.connect('owner')
  await installModels(owner, [MODEL])
  const model = await only(owner)
  await owner.query(CORRUPT)

  const stop = new AbortController()
  const writers = [1, 2].map((seed) => write(database, seed, stop.signal))
  let reads: Promise<readonly number[]> | undefined
  const rebuilt = await rebuild(owner, model, {
    chunk: 16,
    // From the moment that all units are pending.
    onProgress: () => {
      reads ??= readStrictly(reader, stop.signal)
    },
  })
  stop.abort()
  const commits = await Promise.all(writers)
  const strict = (await reads) ?? []

  expect(rebuilt).toMatchObject({ continued: false, failed: 0 })
  expect(rebuilt.units).toBeGreaterThanOrEqual(PROJECTS + 40)
  expect(Math.min(...commits)).toBeGreaterThan(5)
  expect(strict.length).toBeGreaterThan(2)
  expect(strict).toEqual(strict.map(() => 0))
  await drainAll(owner, [model])
  expect(await differences(owner, 'tally')).toBe(0)
  expect(await verify(owner, [model])).toMatchObject([{ drift: [], queued: 0 }])
  const causes = await owner.query(`select distinct cause from millrace.refresh_log where cause = 'rebuild'`)
  expect(causes).toEqual([{ cause: 'rebuild' }])
})

test('a rebuild that was interrupted is gone on with, by another one or by any drain', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await installModels(owner, [MODEL])
  const model = await only(owner)
  await owner.query(CORRUPT)

  const stop = new AbortController()
  const interrupted = rebuild(owner, model, {
    chunk: 50,
    signal: stop.signal,
    onProgress: (done) => {
      if (done >= 100) stop.abort()
    },
  })
  await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' })
  expect(await owner.query('select count(*) from millrace.pending_tally_v1')).toEqual([{ count: '240' }])
  expect(await differences(owner, 'tally')).toBeGreaterThan(0)
  expect(await differences(owner, 'tally_strict')).toBe(0)

  const worker = await database.connect('worker')
  expect(await drainOnce(worker, model.plan, { chunk: 40 })).toMatchObject({ units: 40, pending: 200 })
  expect(await rebuild(owner, model, { chunk: 60 })).toMatchObject({ continued: true, units: 200, failed: 0 })
  expect(await differences(owner, 'tally')).toBe(0)
  expect(await rebuild(owner, model)).toMatchObject({ continued: false, units: PROJECTS, rowsChanged: 0 })
  expect(await rebuild(owner, model, { anew: true })).toMatchObject({ continued: false })
})

test('mends a model whose watermark was taken in another cluster', async () => {
  const origin = await createTestDatabase(SCHEMA)
  await withConnection({ url: origin.url('owner') }, async (owner) => {
    await installModels(owner, [MODEL])
    await owner.query(CORRUPT)
    await leaveForeignRows(owner)
  })
  const database = await createTestDatabase('', { template: origin.name })
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const model = await only(owner)

  await writer.query(`update projects set title = 'since the restore' where id = 4`)
  await expect(drainOnce(owner, model.plan)).rejects.toMatchObject({ code: 'WATERMARK_OF_ANOTHER_CLUSTER' })
  expect(await differences(owner, 'tally_strict')).toBe(0)

  expect(await rebuild(owner, model, { chunk: 100 })).toMatchObject({ continued: false, failed: 0 })
  expect(await differences(owner, 'tally')).toBe(0)
  await writer.query(`update projects set title = 'since the rebuild' where id = 5`)
  const worker = await database.connect('worker')
  expect(await drainAll(worker, [model])).toMatchObject({ drains: 1, units: 1 })
  expect(await differences(owner, 'tally')).toBe(0)
  expect(await rotate(worker, [model], { everySlot: true })).toMatchObject({ blocked: [] })
  expect(await owner.query(`select xid from millrace.queue_projects where xid > '0'::xid8`)).toEqual([])
})

test('all models are begun before one is worked off: a worker that is started meanwhile has nothing to refuse', async () => {
  const origin = await createTestDatabase(SCHEMA)
  await withConnection({ url: origin.url('owner') }, async (owner) => {
    await installModels(owner, [
      MODEL,
      { name: 'titles', key: 'id', query: 'select id, title from projects' },
    ])
    await owner.query(CORRUPT)
  })
  const database = await createTestDatabase('', { template: origin.name })
  const owner = await database.connect('owner')
  const models = await readModels(owner)

  const stop = new AbortController()
  const interrupted = rebuildAll(owner, models, {
    chunk: 10,
    signal: stop.signal,
    onProgress: () => {
      stop.abort()
    },
  })
  await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' })
  await workUntilDrained(
    database,
    models.map(({ name }) => name),
  )

  expect(await verify(owner, models)).toMatchObject([
    { drift: [], queued: 0 },
    { drift: [], queued: 0 },
  ])
  expect(await rebuildAll(owner, models)).toMatchObject([
    { model: { name: 'tally' }, continued: false, rowsChanged: 0, failed: 0 },
    { model: { name: 'titles' }, continued: false, rowsChanged: 0, failed: 0 },
  ])
})

/** A worker that runs until it has drained each of them. */
async function workUntilDrained(database: TestDatabase, names: readonly string[]): Promise<void> {
  const stop = new AbortController()
  const waiting = new Set(names)
  await work({
    url: database.url('worker'),
    signal: stop.signal,
    onEvent: (event) => {
      if (event.kind === 'drained') waiting.delete(event.model.name)
      if (waiting.size === 0) stop.abort()
    },
  })
}

test('a read model that is installed after a restore is not held up by rows of the other cluster', async () => {
  const origin = await createTestDatabase(SCHEMA)
  await withConnection({ url: origin.url('owner') }, async (owner) => {
    await installModels(owner, [MODEL])
    await leaveForeignRows(owner)
  })
  const database = await createTestDatabase('', { template: origin.name })
  const owner = await database.connect('owner')
  await installModels(owner, [{ name: 'titles', key: 'id', query: 'select id, title from projects' }])
  const [model] = (await readModels(owner)).filter(({ name }) => name === 'titles')
  expect(await drainOnce(owner, (model ?? (await only(owner))).plan)).toMatchObject({ status: 'idle' })
})

/** What the queues hold after a restore into a younger cluster: rows of transactions that are in its future. */
async function leaveForeignRows(owner: Client): Promise<void> {
  await owner.query(`
    insert into millrace.queue_projects (slot, xid, op, changed, old_id, new_id)
    select i % 3, (pg_current_xact_id()::text::bigint + 1000000 + i)::text::xid8, 'U', -1, i, i
    from generate_series(1, 9) as i`)
}
