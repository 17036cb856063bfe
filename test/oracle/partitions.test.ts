import { expect, test } from 'vitest'
import type { Client } from '../../src/pg/client.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels, type TestModel } from '../support/models.ts'
import { SEED } from '../support/seed.ts'
import type { Random } from './random.ts'
import { runSmallWorld } from './small-world.ts'

const OPERATIONS = Number(process.env['MILLRACE_PARTITION_OPERATIONS'] ?? 1_500)

/** Columns of a partition need not stand in its parent's order. */
const SCHEMA = `
create table people (id int primary key, name text not null);
create table events (id int not null, kind text not null, person_id int not null references people on delete cascade,
                     n int not null, primary key (id, kind)) partition by list (kind);
create table "events A" (n int not null, person_id int not null, kind text not null, id int not null);
alter table events attach partition "events A" for values in ('a');
create table events_b partition of events for values in ('b') partition by range (id);
create table events_b_low partition of events_b for values from (0) to (50);
create table events_b_high partition of events_b for values from (50) to (1000);
create table events_rest partition of events default;
create index on events (person_id);
insert into people select i, 'p' || i from generate_series(1, 12) i;
insert into events select i, (array['a', 'b', 'c'])[1 + i % 3], 1 + i % 12, i % 5 from generate_series(1, 100) i;
`

const MODELS: readonly TestModel[] = [
  {
    name: 'per_event',
    key: ['id', 'kind'],
    query: `select e.id, e.kind, e.n, p.name from events e join people p on p.id = e.person_id`,
  },
  {
    name: 'per_person',
    key: 'id',
    query: `select p.id, (select count(*) from events e where e.person_id = p.id and e.n > 1) as n,
                   (select max(e.n) from events e where e.person_id = p.id) as most from people p`,
  },
  {
    name: 'per_kind',
    key: 'kind',
    query: `select kind, count(*) as n, sum(n) as total from events group by kind`,
  },
  {
    name: 'at_once',
    key: 'person_id',
    freshness: 'immediate',
    query: `select person_id, count(*) as n, sum(n) as total from events group by person_id`,
  },
]

const PARTITIONS = ['events', '"events A"', 'events_b', 'events_b_low', 'events_b_high', 'events_rest']

test(`partitioned sources, over ${String(OPERATIONS)} operations`, { timeout: 0 }, async () => {
  const database = await createTestDatabase(SCHEMA)
  const models = await installModels(await database.connect('owner'), MODELS)
  let straight = 0
  const { found, ...counts } = await runSmallWorld({
    database,
    models,
    seed: SEED,
    writers: 3,
    isWritten: (writes) => writes >= OPERATIONS,
    write: async (client, random) => {
      const table = random.pick(PARTITIONS)
      if (table !== 'events') straight += 1
      await write(client, table, random)
    },
  })

  console.info(JSON.stringify({ ...counts, straight }))
  expect(found.slice(0, 3)).toEqual([])
  expect(Math.min(straight, ...Object.values(counts))).toBeGreaterThan(0)
})

/** Through the parent, or by a partition's own name; a row that does not fit where it is put is another's affair. */
async function write(client: Client, table: string, random: Random): Promise<void> {
  const id = 1 + random.below(100)
  const kind = random.pick(['a', 'b', 'c', 'd'])
  const person = 1 + random.below(12)
  const statement = random.pick([
    `insert into ${table} (id, kind, person_id, n) values (${String(id)}, '${kind}', ${String(person)}, 2) on conflict do nothing`,
    `insert into ${table} (id, kind, person_id, n) select i, '${kind}', ${String(person)}, 3 from generate_series(${String(id)}, ${String(id + 3)}) i on conflict do nothing`,
    `update ${table} set n = n + 1, person_id = ${String(person)} where id between ${String(id)} and ${String(id + 4)}`,
    `update ${table} set kind = '${kind}' where id = ${String(id)}`,
    `delete from ${table} where id between ${String(id)} and ${String(id + 2)}`,
    `update people set name = name || '!' where id = ${String(person)}`,
    `delete from people where id = ${String(person)}`,
    `insert into people values (${String(person)}, 'new') on conflict do nothing`,
  ])
  await client.query(statement).catch((error: unknown) => {
    // 23: a key that is there already, a person who is not, a row of another partition; 40: a deadlock.
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!/^(23|40)/.test(code)) throw error
  })
}
