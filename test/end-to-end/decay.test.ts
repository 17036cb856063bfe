import { beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../src/client/create-client.ts'
import { exponentialDecay, linearDecay } from '../../src/define/decay.ts'
import { leaderboard } from '../../src/define/leaderboard.ts'
import { readModel, type ReadModel } from '../../src/define/read-model.ts'
import { resolveReadModel } from '../../src/define/resolve-read-model.ts'
import { sql } from '../../src/define/sql.ts'
import { tryQuery } from '../../src/explain/try-query.ts'
import { compileModel, type CompiledModel } from '../../src/migrate/compile-model.ts'
import { compileRefreshed } from '../../src/migrate/compile-refreshed.ts'
import { install } from '../../src/migrate/install.ts'
import { preflight } from '../../src/migrate/preflight.ts'
import type { Client, Connection } from '../../src/pg/client.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { verify } from '../../src/verify/verify.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { readModels } from '../../src/work/model.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'

const SCHEMA = `
  create table posts (id int primary key, title text not null, country text, points int, made timestamptz not null, at timestamp);
  insert into posts
  select i, 'p' || i, 'c' || i % 100, i % 50, now() - i * interval '20 minutes', localtimestamp from generate_series(1, 3000) as i;`

const heat = exponentialDecay({ score: sql`p.points`, at: sql`p.made`, halfLife: '12 hours' })
const QUERY = sql`select p.id, p.title, p.country, ${heat} as heat from posts p`
const HOT = readModel('hot', {
  key: 'id',
  freshness: 'eventual',
  query: QUERY,
  indexes: [['country', 'heat_rank_key desc']],
})
const HOTTEST = leaderboard('hottest', { key: 'id', query: QUERY, score: 'heat desc', within: [['country']] })

const roles = { worker: ROLES.worker, reader: ROLES.reader }

async function compiled(owner: Client, model: ReadModel): Promise<CompiledModel> {
  const { definition, problems } = resolveReadModel(model)
  if (problems[0] !== undefined) throw problems[0]
  if ('schedule' in definition) throw new Error('not kept')
  return await compileModel(owner, definition)
}

beforeAll(loadParser)

describe('reading in the order of a decayed score', () => {
  let database: TestDatabase
  let reader: Connection
  beforeAll(async () => {
    database = await createTestDatabase(SCHEMA)
    const owner = await database.connect('owner')
    const models = [await compiled(owner, HOT), await compiled(owner, HOTTEST)]
    const [problem] = await preflight(owner, models, roles)
    if (problem !== undefined) throw problem
    await install(owner, models, { roles })
    await owner.query('analyze')
    reader = await database.connect('reader')
  })

  /** Plans of all statements that a call runs, those within functions too. */
  async function plansOf(call: string): Promise<string> {
    const superuser = await database.connect('superuser')
    const plans: string[] = []
    superuser.raw.on('notice', ({ message }) => plans.push(message ?? ''))
    for (const statement of [
      `load 'auto_explain'`,
      `set auto_explain.log_min_duration = 0`,
      `set auto_explain.log_nested_statements = on`,
      `set auto_explain.log_level = notice`,
      call,
    ])
      await superuser.query(statement)
    return plans.join('\n')
  }

  test.each([
    ['a plain page', 'select * from hot order by heat_rank_key desc, id limit 10', 'hot_v1_heat_rank_key'],
    ['a strict page by the score', `select * from hot_strict_page('heat desc', 10)`, 'hot_v1_heat_rank_key'],
    [
      'a strict page by the rank key',
      `select * from hot_strict_page('heat_rank_key desc', 10)`,
      'hot_v1_heat_rank_key',
    ],
    [
      'a strict page of a country',
      `select * from hot_strict_page('heat desc', 10, matching => '{"country": "c1"}')`,
      'hot_v1_country_heat_rank_key_desc_idx',
    ],
    ['the first of a leaderboard', 'select * from hottest_top(10, 500)', 'ranks_hottest_v1_order'],
    [
      'the first of a country',
      `select * from hottest_top_in_country('c1')`,
      'ranks_hottest_v1_in_country_order',
    ],
  ])('%s comes from the index', async (_, call, index) => {
    const plans = await plansOf(call)
    expect(plans).toContain(`using ${index} on `)
    expect(plans).not.toMatch(/Seq Scan on (hot|hottest)_v1/)
  })

  test('readers find rows in the order of the scores', async () => {
    const rows = await reader.query<{ id: number; heat: number }>(
      'select id, heat from hot order by heat_rank_key desc, id limit 50',
    )
    expect(rows.map((it) => it.heat)).toEqual(rows.map((it) => it.heat).toSorted((a, b) => b - a))
    const board = await createClient(reader, { hottest: HOTTEST }).hottest.top({ n: 50 })
    expect(board.map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
  })

  test.each(['plain', 'strict'] as const)(
    '%s pages of the client go on in the order of the scores',
    async (kind) => {
      const { hot } = createClient(reader, { hot: HOT })
      const reads = kind === 'strict' ? hot.strict : hot
      const found: unknown[] = []
      for (let after: string | null = null; ;) {
        const { rows, next } = await reads.page({ orderBy: 'heat_rank_key desc', n: 40, after })
        found.push(...rows.map(({ id }) => id))
        if (next === null) break
        after = next
      }
      const all = await reader.query<{ id: number }>('select id from hot order by heat_rank_key desc, id')
      expect(found).toEqual(all.map(({ id }) => id))
    },
  )

  test('verify compares what is stored, and finds what is wrong with it', async () => {
    const owner = await database.connect('owner')
    await drainAll(await database.connect('worker'), await readModels(owner))
    expect((await verify(owner, await readModels(owner))).map(({ drift }) => drift)).toEqual([[], []])
    await owner.query('update millrace.hot_v1 set heat__score = heat__score + 1 where id = 7')
    const found = await verify(owner, await readModels(owner))
    expect(found.flatMap(({ drift }) => drift)).toEqual([
      { kind: 'different', key: { id: '7' }, columns: [{ name: 'heat__score', stored: '8', actual: '7' }] },
    ])
  })
})

describe('what is refused', () => {
  let owner: Client
  beforeAll(async () => {
    owner = await (await createTestDatabase(SCHEMA)).connect('owner')
  })
  const made = sql`p.made`
  const refused = async (query: { readonly text: string }, key: string | readonly string[] = 'id') =>
    await compiled(owner, readModel('hot', { key, freshness: 'eventual', query })).catch(
      (error: unknown) => error,
    )

  test.each([
    [
      'in a condition',
      sql`select p.id, ${heat} as heat from posts p where ${heat} > '1'`,
      'it stands within something else',
    ],
    [
      'in an expression',
      sql`select p.id, ${heat} ->> 0 as heat from posts p`,
      'it stands within something else',
    ],
    [
      'in a subquery',
      sql`select x.id, x.heat from (select p.id, ${heat} as heat from posts p) x`,
      'it stands within something else',
    ],
    ['under DISTINCT', sql`select distinct p.id, ${heat} as heat from posts p`, 'DISTINCT compares it'],
    [
      'under UNION',
      sql`select p.id, ${heat} as heat from posts p union select p.id, ${heat} from posts p`,
      'a set operation compares it',
    ],
    [
      'with another rate in each branch',
      sql`select p.id, ${heat} as heat from posts p union all select -p.id, ${linearDecay({ score: sql`1`, at: made, perDay: 1 })} from posts p`,
      'the branches have different ones',
    ],
    ['without a name', sql`select p.id, ${heat} from posts p`, 'it has no name'],
    [
      'beside a column of its rank key',
      sql`select p.id, ${heat} as heat, 1 as heat_rank_key from posts p`,
      'the query has a column heat_rank_key',
    ],
  ])('a decay %s', async (_, query, detail) => {
    const error = await refused(query)
    expect(error).toMatchObject({ code: 'BAD_DECAY', detail, source: query.text })
    const { position = -1 } = error as { readonly position?: number }
    expect(query.text.slice(position)).toMatch(/^pg_catalog\.jsonb_build_array/)
  })

  test('a decay as the key', async () => {
    expect(await refused(QUERY, 'heat')).toMatchObject({ code: 'KEY_NOT_TRACEABLE' })
  })

  test('a time without a zone', async () => {
    const query = sql`select p.id, ${exponentialDecay({ score: sql`1`, at: sql`p.at`, halfLife: '1 day' })} as heat from posts p`
    expect(await refused(query)).toMatchObject({ code: 'SESSION_DEPENDENT' })
  })

  test('a decay that is refreshed on a schedule', async () => {
    const schedule = { every: '5 minutes', timeZone: 'UTC', timeoutMs: 1000 }
    const definition = {
      schema: 'public',
      name: 'hot',
      key: ['id'],
      schedule,
      query: QUERY.text,
      indexes: [],
    }
    await expect(compileRefreshed(owner, definition)).rejects.toMatchObject({ code: 'BAD_DECAY' })
  })

  test.each([
    [`p.points * exp(-0.1 * extract(epoch from now() - p.made))`, 'exponentialDecay('],
    [`p.points * 0.5 ^ (extract(epoch from current_timestamp - p.made) / 3600)`, 'exponentialDecay('],
    [`p.points * power(0.5, extract(epoch from now() - p.made))`, 'exponentialDecay('],
    [`p.points - 3 * extract(epoch from now() - p.made) / 86400`, 'linearDecay('],
  ])('%s, with the helper named', async (formula, helper) => {
    const error = await refused({ text: `select p.id, ${formula} as heat from posts p` })
    expect(error).toMatchObject({ code: 'TIME_DEPENDENT', hint: expect.stringContaining(helper) as string })
  })

  test.each(['now() - p.made', `p.made - now()`])('%s, which is no decay', async (formula) => {
    const error = await refused({ text: `select p.id, ${formula} as age from posts p` })
    expect(error).toMatchObject({
      code: 'TIME_DEPENDENT',
      hint: expect.not.stringContaining('Decay') as string,
    })
  })
})

test('explain and try tell of it', async () => {
  const owner = await (await createTestDatabase(SCHEMA)).connect('owner')
  const { verdict, description } = await tryQuery(owner, QUERY.text)
  expect(verdict).toBe('kept')
  expect(description?.columns.slice(3)).toEqual([
    {
      name: 'heat',
      type: 'double precision',
      strategy: 'recompute',
      because: 'loses the same part in equal times: computed from heat_rank_key when it is read',
    },
    {
      name: 'heat_rank_key',
      type: 'numeric',
      strategy: 'recompute',
      because: 'rows are in its order as they are in that of heat, at any moment',
    },
  ])
  expect(description?.query).toContain('heat_rank_key')
})
