import { expect, test } from 'vitest'
import { withTransaction, type Client } from '../../src/pg/client.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels, type TestModel } from '../support/models.ts'
import { SEED } from '../support/seed.ts'
import { compareStrictly } from './compare.ts'
import type { Random } from './random.ts'
import { runSmallWorld } from './small-world.ts'

const SECONDS = Number(process.env['MILLRACE_TIME_SECONDS'] ?? 4)

const SCHEMA = `
create table people (id int primary key, name text not null);
create table events (
  id int primary key, person_id int not null references people, at timestamptz not null, day date not null,
  local timestamp not null, n int not null);
create index on events (person_id);
create index on events (at);
insert into people select i, 'p' || i from generate_series(1, 20) i;
insert into events
select i, 1 + i % 20, now() + i * interval '10 milliseconds', '2026-01-01', localtimestamp, i % 5 from generate_series(1, 300) i;
`

const MODELS: readonly TestModel[] = [
  {
    name: 'recent',
    key: 'id',
    query: `select id, person_id, at, n from events where at > now() - interval '1 second' and at <= now()`,
  },
  {
    // Rows come and go as time passes below it.
    name: 'per_person',
    key: 'person_id',
    query: `select r.person_id, count(*) as n, max(r.n) as most from recent r group by r.person_id`,
  },
  {
    // And in it as well.
    name: 'latest',
    key: 'id',
    query: `
      select p.id, q.n, (select count(*) from recent r where r.person_id = p.id and r.at > now() - interval '0.4 seconds') as latest
      from people p left join per_person q on q.person_id = p.id`,
  },
  {
    name: 'widths',
    key: 'person_id',
    query: `
      select e.person_id, count(*) as n,
             count(*) filter (where e.at > now() - interval '1 second') as one,
             sum(e.n) filter (where now() - interval '2 seconds' < e.at) as two,
             count(*) filter (where e.local >= localtimestamp - interval '1.5 seconds') as half
      from events e group by e.person_id`,
  },
  {
    name: 'active',
    key: 'id',
    query: `
      select p.id, p.name, (select count(*) from events e where e.person_id = p.id and e.at between now() - interval '2 seconds' and now()) as n
      from people p
      where exists (select from events e where e.person_id = p.id and e.at > now() - interval '1 second')`,
  },
  {
    name: 'joined',
    key: ['id', 'event_id'],
    query: `
      select p.id, e.id as event_id, p.name from people p
      left join events e on e.person_id = p.id and e.at < now() and e.at > date_trunc('second', now()) - interval '1 second'`,
  },
  {
    name: 'later',
    key: 'name',
    query: `with due as (select * from events where at <= now() and day <= current_date)
            select p.name, max(d.at) as last from due d join people p on p.id = d.person_id group by p.name`,
  },
  {
    name: 'zoned',
    key: 'person_id',
    settings: { TimeZone: 'America/Los_Angeles' },
    query: `
      select e.person_id, count(*) filter (where e.at > now() - interval '1 second') as one, min(e.at::date) as first,
             count(*) filter (where e.at >= date_trunc('second', now())) as this_second, count(*) filter (where e.day > current_date) as ahead
      from events e where e.at <= now() group by e.person_id`,
  },
]

test(`windows of time are what the query says, over ${String(SECONDS)} s`, { timeout: 0 }, async () => {
  const database = await createTestDatabase(SCHEMA)
  const models = await installModels(await database.connect('owner'), MODELS)
  const clocks = Object.fromEntries(models.map(({ name, plan }) => [name, plan.clocks.length]))
  expect(clocks).toEqual({
    active: 3,
    joined: 2,
    later: 2,
    latest: 1,
    per_person: 0,
    recent: 2,
    widths: 3,
    zoned: 4,
  })

  const rowsChanged = new Map<string, number>()
  let sweeps = 0
  const until = performance.now() + SECONDS * 1_000
  const { found, ...counts } = await runSmallWorld({
    database,
    models,
    seed: SEED,
    isTimed: true,
    isWritten: () => performance.now() > until,
    write: async (client, random) => {
      await write(client, random)
      // Now and then nobody writes, and only the time passes.
      if (random.oneIn(20)) await client.query('select pg_sleep(0.7)')
    },
    onDrain: ({ name }, { changes, units }) => {
      if (units > 0 && changes > 0) sweeps += 1
      rowsChanged.set(name, (rowsChanged.get(name) ?? 0) + units)
    },
    read: (client, { plan }, random) =>
      withTransaction(client, { isolation: 'repeatable read' }, async () => {
        if (random.oneIn(3)) await client.query('select pg_sleep(0.1)')
        const { how, rows } = await compareStrictly(client, plan, random)
        return { how: `strict ${how}`, rows }
      }),
  })

  console.info(JSON.stringify({ ...counts, sweeps }))
  expect(found.slice(0, 3)).toEqual([])
  expect(Math.min(sweeps, ...Object.values(counts))).toBeGreaterThan(0)
  for (const { name } of models) expect(rowsChanged.get(name), `units in ${name}`).toBeGreaterThan(0)
})

/** Rows come, move in time, and go; some are of a moment to come. */
async function write(client: Client, random: Random): Promise<void> {
  const id = 1 + random.below(300)
  const offset = `${String(random.below(4_000) - 2_500)} milliseconds`
  switch (random.below(4)) {
    case 0:
      await client.query('delete from events where id = $1', [id])
      return
    case 1:
      await client.query(
        'update events set at = clock_timestamp() + $2::interval, local = localtimestamp + $2::interval where id = $1',
        [id, offset],
      )
      return
    case 2:
      await client.query('update events set person_id = 1 + (person_id + 3) % 20, n = n + 1 where id = $1', [
        id,
      ])
      return
    default:
      await client.query(
        `insert into events values ($1, $2, clock_timestamp() + $3::interval, current_date, localtimestamp + $3::interval, 1)
         on conflict (id) do nothing`,
        [id, 1 + random.below(20), offset],
      )
  }
}
