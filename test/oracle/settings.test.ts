import { beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../src/compile/plan.ts'
import { withTransaction, type Client, type Connection } from '../../src/pg/client.ts'
import { ident, qualified, sql, trusted, type Sql } from '../../src/sql/sql.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { installModels, type TestModel } from '../support/models.ts'
import { SEED } from '../support/seed.ts'
import { randomFrom, type Random } from './random.ts'
import { runSmallWorld } from './small-world.ts'

const TRANSACTIONS = Number(process.env['MILLRACE_SETTINGS_TRANSACTIONS'] ?? 80)

/** The nights on which clocks change in Berlin and in Los Angeles, and those around them. */
const NIGHTS = ['2026-03-08', '2026-03-28', '2026-10-24', '2026-11-01']
const moment = (random: Random) =>
  `'${random.pick(NIGHTS)} 00:00+00'::timestamptz + interval '30 minutes' * ${String(random.below(96))}`

const SCHEMA = `
create table holidays (day date primary key, name text not null);
create table events (
  id int primary key, person_id int not null, at timestamptz not null, local timestamp not null, day date not null,
  took interval not null, value float8 not null, note text, image bytea);
create index on events (person_id);
insert into holidays select d::date, 'holiday ' || i
from unnest('{2026-03-08,2026-03-09,2026-03-28,2026-03-29,2026-10-24,2026-10-25,2026-11-01}'::text[]) with ordinality as t (d, i);
insert into events
select i, 1 + i % 7, '2026-10-24 12:00+00'::timestamptz + i * interval '20 minutes', '2026-10-25 00:00'::timestamp + i * interval '15 minutes',
       '2026-10-24'::date + i % 3, i * interval '26 hours', i / 3.0, 'the mice of ' || i, '\\xdeadbeef'
from generate_series(1, 80) i;`

const BERLIN = { TimeZone: 'Europe/Berlin' } as const
const ABROAD = {
  TimeZone: 'America/Los_Angeles',
  DateStyle: 'German, DMY',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '-8',
  bytea_output: 'escape',
  default_text_search_config: 'english',
} as const

const MODELS: readonly TestModel[] = [
  {
    name: 'days',
    key: 'day',
    settings: BERLIN,
    query: `select e.at::date as day, count(*) as n, count(*) filter (where extract(hour from e.at) < 12) as mornings,
                   min(e.at::text) as first, max(to_char(e.at, 'HH24:MI TZ')) as last
            from events e group by e.at::date`,
  },
  {
    name: 'texts',
    key: 'id',
    settings: ABROAD,
    query: `select id, at::text as at, took::text as took, value::text as value, image::text as image, day::text || '!' as day,
                   to_jsonb(at) as json, jsonb_build_object('took', took, 'at', local::timestamptz) as object,
                   to_tsvector(note) as words, e.at - interval '1 day' as before, date_trunc('week', at) as week
            from events e where e.at >= e.day`,
  },
  {
    name: 'people',
    key: 'person_id',
    settings: BERLIN,
    query: `select e.person_id, array_agg(concat(e.at, ' ', e.took) order by e.id) as seen,
                   (select jsonb_agg(to_json(f.local::timestamptz) order by f.id) from events f where f.person_id = e.person_id) as local
            from events e group by e.person_id`,
  },
  {
    name: 'feasts',
    key: ['day', 'id'],
    settings: BERLIN,
    query: `select h.day, e.id, h.name, coalesce(h.day, e.at) as since from holidays h join events e on e.at::date = h.day`,
  },
  {
    name: 'at_once',
    key: 'id',
    settings: ABROAD,
    freshness: 'immediate',
    query: `select e.id, e.at::date as day, e.took::text as took from events e where e.at::time > '06:00'`,
  },
  {
    name: 'counted',
    key: 'day',
    settings: BERLIN,
    freshness: 'immediate',
    query: `select e.at::date as day, count(*) as n from events e group by e.at::date`,
  },
]

const ZONES = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles', 'Europe/Berlin', 'Asia/Kathmandu', '<-11>+11']
/** Any session's own. */
function drawSettings(random: Random): Readonly<Record<string, string>> {
  return {
    TimeZone: random.pick(ZONES),
    DateStyle: random.pick(['ISO, MDY', 'SQL, DMY', 'German, YMD', 'Postgres, MDY']),
    IntervalStyle: random.pick(['postgres', 'sql_standard', 'iso_8601', 'postgres_verbose']),
    extra_float_digits: random.pick(['1', '0', '-15', '3']),
    bytea_output: random.pick(['hex', 'escape']),
    default_text_search_config: random.pick(['pg_catalog.simple', 'pg_catalog.german', 'pg_catalog.english']),
  }
}

/** Units travel to the worker as text, and back: its connection is opened with settings that read what they print. */
function drawWorkersSettings(random: Random): Readonly<Record<string, string>> {
  const DateStyle = random.pick(['ISO, YMD', 'SQL, DMY', 'German, DMY', 'Postgres, MDY'])
  return { ...drawSettings(random), DateStyle, extra_float_digits: '1', IntervalStyle: 'postgres' }
}

async function set(
  client: Client,
  settings: Readonly<Record<string, string>>,
  isLocal: boolean,
): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await client.query('select set_config($1, $2, $3)', [name, value, isLocal])
}

/** Rows that the query does not give under the declared settings, or the other way round. */
async function difference(client: Client, { settings }: Plan, found: Sql): Promise<readonly object[]> {
  await set(client, settings?.values ?? {}, true)
  const [a, b] = [sql`(${found})`, sql`(${trusted(settings?.query ?? '')})`]
  const text = (from: Sql) => sql`select t::text as row from ${from} as t`
  return await client.query(
    sql`select 'too much' as side, row from (${text(a)} except all ${text(b)}) as x
union all select 'missing', row from (${text(b)} except all ${text(a)}) as y limit 5`.text,
  )
}

let database: TestDatabase
let owner: Connection
let models: readonly InstalledModel[]

beforeAll(async () => {
  database = await createTestDatabase(SCHEMA)
  owner = await database.connect('owner')
  await set(owner, drawWorkersSettings(randomFrom(SEED)), false)
  models = await installModels(owner, MODELS)
})

async function run(transactions: number) {
  const changed = new Map<string, number>()
  const outcome = await runSmallWorld({
    database,
    models,
    seed: SEED,
    isWritten: (writes) => writes >= transactions,
    write: async (client, random) => {
      await set(client, drawSettings(random), false)
      await client.query(Array.from({ length: 1 + random.below(4) }, () => drawWrite(random)).join(';'))
    },
    beforeDrain: (client, random) => set(client, drawWorkersSettings(random), false),
    compareDrained: (client, { plan }) =>
      difference(client, plan, sql`select ${names(plan)} from ${qualified(plan.storage)}${shown(plan)}`),
    onDrain: ({ name }, { rowsChanged }) => changed.set(name, (changed.get(name) ?? 0) + rowsChanged),
    read: (client, { plan }, random) =>
      withTransaction(client, { isolation: 'repeatable read' }, async () => {
        await set(client, drawSettings(random), true)
        const how = random.pick([
          sql`${qualified(plan.strictView)}`,
          sql`${qualified(plan.strictPage)}('', 10000)`,
        ])
        await client.query(sql`create temporary table seen on commit drop as select * from ${how}`.text)
        const rows = await difference(client, plan, sql`select * from seen`)
        return { how: `strict: ${how.text}`, rows }
      }),
  })
  return { ...outcome, changed }
}

function names({ columns }: Plan): Sql {
  const visible = columns.filter(({ hidden }) => !hidden).map(({ name }) => ident(name).text)
  return trusted(visible.join(', '))
}

function shown({ columns }: Plan): Sql {
  return columns.some(({ name }) => name === 'millrace_shown') ? sql` where millrace_shown` : sql``
}

function drawWrite(random: Random): string {
  const id = String(1 + random.below(120))
  switch (random.below(5)) {
    case 0:
      return `delete from events where id = ${id}`
    case 1:
      return `update events set at = ${moment(random)} where id = ${id}`
    case 2:
      return `update events set local = (${moment(random)}) at time zone 'UTC', took = interval '61 minutes' * ${String(random.below(90))} where id between ${id} and ${id} + 5`
    case 3:
      return `update holidays set name = name || '.' where day = '${random.pick(NIGHTS)}'::date + ${String(random.below(2))}`
    default:
      return `insert into events values (${id}, ${String(1 + random.below(7))}, ${moment(random)}, (${moment(random)}) at time zone 'UTC',
        (${moment(random)})::date, interval '7 hours' * ${id}, ${id} / 7.0, 'running mice', '\\x00ff41') on conflict do nothing`
  }
}

test(
  `under any session's settings the answer is that of the declared ones, over ${String(TRANSACTIONS)} transactions`,
  { timeout: 0 },
  async () => {
    const { found, changed, ...counts } = await run(TRANSACTIONS)
    console.info(JSON.stringify(counts))
    expect(found.slice(0, 3)).toEqual([])
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0)
    for (const { name, plan } of models.filter(({ plan: it }) => it.immediate === null)) {
      expect(plan.settings?.functions.length).toBeGreaterThan(0)
      expect(changed.get(name), name).toBeGreaterThan(0)
    }
  },
)

test('found: functions without the settings that they should have', { timeout: 0 }, async () => {
  for (const signature of models.flatMap(({ plan }) => plan.settings?.functions ?? []))
    await owner.query(`alter function ${signature} reset all`)
  const { found } = await run(5_000)
  expect(found[0], `seed ${String(SEED)}`).toBeDefined()
})
