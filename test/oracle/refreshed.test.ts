import { expect, test } from 'vitest'
import { compileRefreshed } from '../../src/migrate/compile-refreshed.ts'
import { withTransaction, type Client } from '../../src/pg/client.ts'
import { readRefreshed, type RefreshedModel } from '../../src/work/schedule/installed.ts'
import { refresh } from '../../src/work/schedule/refresh.ts'
import { createTestDatabase } from '../support/database.ts'
import { installTestSchedule, refreshedOf, type TestRefreshed } from '../support/scheduled.ts'
import { SEED } from '../support/seed.ts'
import { randomFrom, type Random } from './random.ts'

/** How many refreshes; MILLRACE_REFRESHES makes it longer. */
const REFRESHES = Number(process.env['MILLRACE_REFRESHES'] ?? '60')

const SCHEMA = `
  create table people (id int primary key, boss int, team text, score numeric, joined timestamptz not null default now());
  create table points (id int primary key generated always as identity, person int, amount numeric not null);
  insert into people select i, nullif(i / 2, 0), chr(97 + i % 4), i from generate_series(1, 40) as i;
  insert into points (person, amount) select i % 40, i from generate_series(1, 80) as i;
  create function total(who int) returns numeric language sql stable
    as $$ select sum(amount) from public.points where person = who $$;`

/** None of these can be kept by following changes. */
const MODELS: readonly TestRefreshed[] = [
  {
    name: 'tree',
    key: 'id',
    query: `with recursive under (id, depth) as (
              select id, 0 from people where boss is null
              union all
              select p.id, u.depth + 1 from people p join under u on p.boss = u.id where u.depth < 20)
            select id, min(depth) as depth from under group by id`,
  },
  {
    name: 'ranks',
    key: 'id',
    query: `select id, score, row_number() over (order by score desc nulls last, id) as place from people`,
    indexes: [{ columns: ['place'], unique: true }],
  },
  {
    name: 'best',
    key: 'id',
    query: 'select id, score from people order by score desc nulls last, id limit 7',
  },
  { name: 'sums', key: 'id', query: 'select id, total(id) as total from people' },
  {
    name: 'rollup',
    key: ['level', 'team', 'boss'],
    query:
      'select grouping(team, boss) as level, team, boss, count(*) as people, sum(score) as score from people group by rollup (team, boss)',
  },
  {
    name: 'either',
    key: ['person', 'id'],
    query: `select p.id, s.person, coalesce(p.score, s.sum) as value
            from people p full join (select person, sum(amount) from points group by person) s on s.person = p.id`,
  },
  {
    name: 'lonely',
    key: 'id',
    query: 'select id from people except select person from points',
  },
  {
    name: 'recent',
    key: 'id',
    query: `select id, joined > now() - interval '1 second' as is_new from people`,
  },
]

const TEXTS = ['1', '1.0', '1.00', '-0', '7', '7.50', 'NaN']

/** A random change; some change only how a number is written, or exchange two rows. */
function change(random: Random): string {
  const id = String(1 + random.below(45))
  const other = String(1 + random.below(45))
  const score = random.pick(TEXTS)
  return random.pick([
    `insert into people (id, boss, team, score) values (${id}, nullif(${other}, ${id}), chr(97 + ${other} % 4), ${score === 'NaN' ? 'null' : score})
     on conflict (id) do update set score = excluded.score, boss = excluded.boss, team = nullif(excluded.team, 'b')`,
    `update people set score = ${score === 'NaN' ? 'null' : score} where id in (${id}, ${other})`,
    `update people p set score = q.score from people q where (p.id, q.id) in ((${id}, ${other}), (${other}, ${id}))`,
    `delete from people where id = ${id}`,
    `insert into points (person, amount) values (${id}, ${score === 'NaN' ? '0' : score}), (${other}, 1)`,
    `delete from points where person = ${id}`,
    `update points set amount = amount + 1 where id % 17 = ${id} % 17`,
  ])
}

/** Writes until it is told to stop; two writers may meet in a deadlock, and then one of them has changed nothing. */
async function write(client: Client, random: Random, signal: AbortSignal): Promise<number> {
  let written = 0
  while (!signal.aborted) {
    await client.query(change(random)).catch((error: unknown) => {
      if (!String(error).includes('deadlock')) throw error
    })
    written += 1
  }
  return written
}

/**
 * In the refresh's own snapshot the stored rows are those of the query, and those that were written are those that differed. Seen
 * to fail with `is distinct from` in the place of `record_image_ne`, with vanished rows not deleted, and with rows that the
 * query has and the table lacks not inserted.
 */
async function checkedRefresh(client: Client, { model: { plan } }: RefreshedModel): Promise<void> {
  await withTransaction(client, { isolation: 'repeatable read' }, async () => {
    const before = await client.query<object>(plan.statements.compare, [1_000_000])
    const { rowsChanged } = await refresh(client, plan)
    expect(rowsChanged, `rows of ${plan.model.name} that were written`).toBe(before.length)
    expect(await client.query(plan.statements.compare, [10]), plan.model.name).toEqual([])
  })
}

test('a refreshed model equals its query at the snapshot of its refresh, whoever writes', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await installTestSchedule(owner, { refreshed: MODELS })
  const models = await readRefreshed(owner)
  const stop = new AbortController()
  const writers = [1, 2].map(async (n) =>
    write(await database.connect('application'), randomFrom(SEED * 10 + n), stop.signal),
  )
  const worker = await database.connect('worker')
  const random = randomFrom(SEED)
  try {
    for (let i = 0; i < REFRESHES; i += 1) await checkedRefresh(worker, random.pick(models))
  } finally {
    stop.abort()
  }
  const written = (await Promise.all(writers)).reduce((sum, it) => sum + it, 0)
  console.log(`${String(REFRESHES)} refreshes among ${String(written)} statements`)
  expect(written).toBeGreaterThan(REFRESHES / 10)
})

const REFUSED = [
  ['id', 'select id from people limit 3', 'UNDEFINED_ORDER'],
  ['id', 'select id from people order by team limit 3', 'UNDEFINED_ORDER'],
  ['id', 'select id from people offset 3', 'UNDEFINED_ORDER'],
  ['id', 'select id from people for update', 'UNSUPPORTED_ROW_LOCK'],
  ['idd', 'select id from people', 'KEY_UNKNOWN'],
  ['j', 'select json_build_array(id) as j from people', 'KEY_NOT_COMPARABLE'],
  ['id', 'select id from people; select 1', 'QUERY_NOT_ONE_SELECT'],
  ['id', 'with x as (delete from points returning id) select id from x', 'QUERY_INVALID'],
  ['id', 'select id from passing', 'SOURCE_TEMPORARY'],
] as const

const TOTAL_ORDERS = [
  'select id, score as s from people order by s desc, id limit 3',
  'select id, score from people order by 1 limit 3 offset 2',
  'select id, score from people order by score fetch first 3 rows with ties',
  'select id from people union select person from points order by id limit 3',
  'select id from people order by id offset 2',
]

test('what has no right answer, or writes, is refused; a total order is found in every guise', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await owner.query('create temporary table passing (id int)')
  for (const [key, query, code] of REFUSED) {
    const compiled = compileRefreshed(owner, refreshedOf({ name: 'x', key, query }))
    await expect(compiled, query).rejects.toMatchObject({ code, hint: expect.any(String) as string })
  }
  for (const query of TOTAL_ORDERS) {
    const { plan } = await compileRefreshed(owner, refreshedOf({ name: 'x', key: 'id', query }))
    expect(plan.query).toMatch(/limit|fetch|offset/i)
  }
})
