import { expect, test } from 'vitest'
import { exponentialDecay, linearDecay } from '../../src/define/decay.ts'
import { sql } from '../../src/define/sql.ts'
import { compileModel, type CompiledModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import { withTransaction, type Client } from '../../src/pg/client.ts'
import { readModels, type InstalledModel } from '../../src/work/model.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { definitionOf, type TestModel } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'
import { SEED, turnOf } from '../support/seed.ts'
import { compareStrict } from './compare.ts'
import type { Random } from './random.ts'
import { runSmallWorld, writeAll, type Found, type Outcome } from './small-world.ts'

const OPERATIONS = Number(process.env['MILLRACE_DECAY_OPERATIONS'] ?? 40)

const SCHEMA = `
create table people (id int primary key, name text not null);
create table posts (
  id int primary key, author_id int not null references people on delete cascade,
  points int, made timestamptz, gone boolean not null default false);
create table votes (id int generated always as identity primary key, post_id int not null references posts on delete cascade, at timestamptz not null);
create index on posts (author_id);
create index on votes (post_id);
insert into people select i, 'p' || i from generate_series(1, 12) as i;
insert into posts select i, 1 + i % 12, i % 9 - 1, now() - i * interval '7 hours', i % 11 = 0 from generate_series(1, 60) as i;
insert into votes (post_id, at) select 1 + i % 60, now() - i * interval '1 hour' from generate_series(1, 200) as i;
`

const at = sql`p.made`
const points = sql`p.points`
const votes = sql`(select count(*) from votes v where v.post_id = p.id)`
/** What the helpers mean, as anybody would write it; a float, that must not be smaller than the smallest. */
const plain = (score: string, made: string, rate: string) => {
  const exponent = `-(${rate}) * extract(epoch from now() - ${made})`
  return `(case when ${score} < 0 then 0 else ${score} end)::float8 * exp((case when ${exponent} < -600 then -600 else ${exponent} end)::float8)`
}
const HOUR = 'ln(2.0) / 3600'

interface Decaying extends TestModel {
  /** The decayed column. */
  readonly column: string
  /** The user's SELECT with the formula itself. */
  readonly formula: string
}

/** The same SELECT with a decay and with its formula. */
function decaying(
  model: Omit<TestModel, 'query'>,
  column: string,
  decay: { readonly text: string },
  formula: string,
  select: (value: string) => string,
): Decaying {
  return { ...model, column, query: select(decay.text), formula: select(formula) }
}

const byVotes = exponentialDecay({ score: votes, at, halfLife: '1 hour' })
const votesPlain = plain(votes.text, 'p.made', HOUR)
const kept = (value: string) => `select p.id, p.author_id, ${value} as heat from posts p where not p.gone`

const MODELS: readonly Decaying[] = [
  decaying({ name: 'hot', key: 'id' }, 'heat', byVotes, votesPlain, kept),
  decaying({ name: 'hot_at_once', key: 'id', freshness: 'immediate' }, 'heat', byVotes, votesPlain, kept),
  decaying(
    { name: 'standing', key: 'id' },
    'worth',
    linearDecay({ score: points, at, perDay: 48 }),
    `p.points::float8 - 48 * (extract(epoch from now() - p.made) / 86400)::float8`,
    (value) => `select a.name, p.id, ${value} as worth from posts p join people a on a.id = p.author_id`,
  ),
  decaying(
    { name: 'authors', key: 'author_id' },
    'heat',
    exponentialDecay({ score: sql`sum(p.points)`, at: sql`max(p.made)`, ratePerDay: 3 }),
    plain('sum(p.points)', 'max(p.made)', '3.0 / 86400'),
    (value) => `select p.author_id, ${value} as heat, count(*) as posts from posts p group by p.author_id`,
  ),
  decaying(
    { name: 'feed', key: ['kind', 'id'] },
    'heat',
    exponentialDecay({ score: sql`x.score`, at: sql`x.at`, halfLife: '1 hour' }),
    plain('x.score', 'x.at', HOUR),
    (value) => `
      select 'post' as kind, x.id, ${value} as heat from (select id, points as score, made as at from posts) x
      union all
      select 'vote', x.id, ${value} from (select id, 1.5 as score, at from votes) x`,
  ),
  decaying(
    {
      name: 'board',
      key: 'id',
      leaderboard: { score: 'heat desc', ties: [], within: [['author_id']], bucket: 3 },
    },
    'heat',
    byVotes,
    votesPlain,
    kept,
  ),
]

test(
  `decayed scores, and their order, are what the formula says, over ${String(OPERATIONS)} transactions`,
  { timeout: 0 },
  async () => {
    const database = await createTestDatabase(SCHEMA)
    const { found, ...counts } = await runWorld(database, await installDecaying(database, (it) => it))
    console.info(JSON.stringify(counts))
    expect(found.slice(0, 3)).toEqual([])
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0)
  },
)

/** Each is made in what is installed, as a compiler would have made it. */
const FAULTS: readonly (readonly [name: string, from: RegExp, to: string])[] = [
  ['a rank key that forgets when', /\+ \(extract\(epoch/g, '+ 0 * (extract(epoch'],
  ['a rank key with the sign of the time turned', /\+ \(extract\(epoch/g, '- (extract(epoch'],
  ['a score that is not the logarithm', /round\(ln\((.*?) \* 1\.0+\)/g, 'round(($1)'],
]

/** In `npm test` one of them takes its turn; MILLRACE_DECAY_FAULTS=all tries each. */
const AT_ONCE = process.env['MILLRACE_DECAY_FAULTS'] === 'all' ? FAULTS.length : 1

test.each(turnOf(FAULTS, AT_ONCE))('found: %s', { timeout: 0 }, async (_, from, to) => {
  const database = await createTestDatabase(SCHEMA)
  const models = await installDecaying(database, (compiled) => {
    const up = compiled.plan.install.up.map((text) => text.replace(from, to))
    return { ...compiled, plan: { ...compiled.plan, install: { ...compiled.plan.install, up } } }
  })
  const { found } = await runWorld(database, models)
  expect(found.length).toBeGreaterThan(0)
})

async function installDecaying(
  database: TestDatabase,
  change: (compiled: CompiledModel) => CompiledModel,
): Promise<readonly InstalledModel[]> {
  const owner = await database.connect('owner')
  const compiled: CompiledModel[] = []
  for (const model of MODELS) compiled.push(change(await compileModel(owner, definitionOf(model))))
  await install(owner, compiled, { roles: { worker: ROLES.worker, reader: ROLES.reader } })
  return await readModels(owner)
}

async function runWorld(database: TestDatabase, models: readonly InstalledModel[]): Promise<Outcome> {
  const outcome = await runSmallWorld({
    database,
    models,
    seed: SEED,
    isWritten: (writes) => writes >= OPERATIONS,
    write: (client, random) =>
      writeAll(
        client,
        Array.from({ length: 1 + random.below(3) }, () => randomWrite(random)),
      ),
    read: async (client, model) => ({ how: 'strict', rows: await check(client, model, '_strict') }),
  })
  const owner = await database.connect('owner')
  const readers: Found[] = []
  for (const model of models)
    readers.push({ model: model.name, check: 'readers', rows: await check(owner, model, '') })
  const found = [...outcome.found, ...readers.filter(({ rows }) => rows.length > 0)]
  return { ...outcome, found }
}

/** One snapshot: what readers see against the formula, and its order against that of the formula then and later. */
async function check(
  client: Client,
  { name, plan }: InstalledModel,
  suffix: '' | '_strict',
): Promise<readonly { readonly what: string; readonly row: unknown }[]> {
  const model = MODELS.find((it) => it.name === name)
  if (model === undefined) throw new Error(`no model ${name}`)
  const told = (what: string, rows: readonly unknown[]) => rows.map((row) => ({ what, row }))
  return await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    const differing = await client.query(differenceSql(model, plan.key, `${name}${suffix}`))
    const disorder: unknown[] = []
    for (const later of ['0', '1 minute', '5 days', '30 years'])
      disorder.push(...(await client.query(orderSql(model, plan.key, `${name}${suffix}`, later))))
    const page =
      suffix === ''
        ? []
        : await client.query(pageSql(model, `${name}_strict_page('${model.column} desc', 1000)`))
    const board =
      suffix === '' && model.leaderboard !== undefined
        ? await client.query(pageSql(model, `${name}_top(1000)`))
        : []
    const images = suffix === '' ? [] : await compareStrict(client, plan)
    return [
      ...told('formula', differing),
      ...told('order', disorder),
      ...told('page', page),
      ...told('ranks', board),
      ...told('image', images),
    ]
  })
}

function differenceSql({ column, formula }: Decaying, key: readonly string[], relation: string): string {
  return `
    select to_jsonb(s) as shown, to_jsonb(q) as formula
    from ${relation} s full join (${formula}) q using (${key.join(', ')})
    where (to_jsonb(s) - '${column}' - '${column}_rank_key') is distinct from (to_jsonb(q) - '${column}')
       or (s.${column} is null) <> (q.${column} is null)
       or abs(s.${column} - q.${column}) > 1e-9 * (1e-200 + abs(s.${column}) + abs(q.${column})) + ${isLinear(column) ? '1e-6' : '0'}
    limit 3`
}

const isLinear = (column: string) => column === 'worth'

/** Rows one after the other in the order of the rank key: by the formula the second must not be before the first. */
function orderSql(
  { column, formula }: Decaying,
  key: readonly string[],
  relation: string,
  later: string,
): string {
  const then = formula.replaceAll('now()', `(now() + interval '${later}')`)
  return disorderSql(
    `select s.${column}_rank_key as rank_key, q.${column} as value, to_jsonb(s) as item
     from ${relation} s join (${then}) q using (${key.join(', ')}) where q.${column} is not null`,
    'order by rank_key desc',
    column,
  )
}

/** The same of rows in the order in which they are returned. */
function pageSql({ column }: Decaying, call: string): string {
  const rows = `select ${column} as value, to_jsonb(page) as item, ordinality as n from ${call} with ordinality as page`
  return disorderSql(`${rows} where ${column} is not null`, 'order by n', column)
}

function disorderSql(rows: string, order: string, column: string): string {
  const slack = isLinear(column) ? '- 1e-6' : '* (1 - 1e-9)'
  return `
    select above, item
    from (select *, lag(item) over (${order}) as above, lag(value) over (${order}) as value_above from (${rows}) r) r
    where value_above < value ${slack} and value > 1e-250
    limit 3`
}

function randomWrite(random: Random): string {
  const post = String(1 + random.below(70))
  const moment = random.pick([
    'now()',
    `now() - interval '${String(random.below(90_000))} seconds'`,
    `now() - interval '${String(random.below(20_000))} days'`,
    `now() + interval '2 hours'`,
    'null',
  ])
  const score = random.pick(['0', '-4', 'null', '1', String(random.below(1000))])
  return random.pick([
    `insert into votes (post_id, at) select id, now() - interval '3 hours' from posts where id = ${post}`,
    `insert into votes (post_id, at) select id, now() from posts, generate_series(1, 5) where id = ${post}`,
    `delete from votes where post_id = ${post}`,
    `update posts set made = ${moment} where id = ${post}`,
    `update posts set points = ${score} where id = ${post}`,
    `update posts set points = points * 2, made = made - interval '1 hour' where author_id = ${String(1 + random.below(12))}`,
    `update posts set gone = not gone where id % 7 = ${String(random.below(7))}`,
    `update posts set author_id = 1 + (author_id + 4) % 12 where id = ${post}`,
    `update people set name = name || 'x' where id = ${String(1 + random.below(12))}`,
    `insert into posts values (${post}, ${String(1 + random.below(12))}, ${score}, ${moment}) on conflict (id) do update set points = excluded.points`,
    random.oneIn(4)
      ? `delete from posts where id = ${post}`
      : `update votes set post_id = ${post} where id % 13 = 5 and exists (select from posts where id = ${post})`,
  ])
}
