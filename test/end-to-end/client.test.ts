import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PageOptions } from '../../src/client/reads/page.ts'
import { createClient } from '../../src/client/create-client.ts'
import { statementName } from '../../src/sql/names.ts'
import { readModel } from '../../src/define/read-model.ts'
import { sql } from '../../src/define/sql.ts'
import { installModels } from '../../src/embed/embed.ts'
import type { Connection } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { readModels } from '../../src/work/model.ts'
import { takeToken } from '../../src/client/take-token.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null, category text, score numeric, made timestamptz not null,
                         labels text[] not null default '{}');
  create table votes (project_id int not null, user_id int not null, primary key (project_id, user_id));
  insert into projects
  select n, 'project ' || n, case n % 4 when 0 then null when 1 then 'art' when 2 then 'food' else 'games' end,
         case when n % 5 = 0 then null else n * 7 % 30 end, '2026-01-01'::timestamptz + n * interval '1 microsecond',
         array['l' || n % 3]
  from generate_series(1, 40) as n;
  insert into votes select n, u from generate_series(1, 40) as n, generate_series(1, n % 3) as u;
  analyze`

interface Feed {
  readonly id: number
  readonly title: string
  readonly category: string | null
  readonly score: string | null
  readonly made: Date
  readonly labels: readonly string[]
  readonly votes: string
}

const feed = readModel('feed', {
  key: 'id',
  freshness: 'eventual',
  query: sql<Feed>`
    select p.id, p.title, p.category, p.score, p.made, p.labels,
           (select count(*) from votes v where v.project_id = p.id) as votes
    from projects p`,
  indexes: [['score desc', 'id'], ['category', 'made desc'], ['made']],
})

const voters = readModel('voters', {
  key: ['project_id', 'user_id'],
  freshness: 'eventual',
  query: sql<{ project_id: number; user_id: number }>`select project_id, user_id from votes`,
})

const daily = readModel('daily', {
  key: 'category',
  freshness: { every: '1 hour' },
  query: sql<{
    category: string | null
    n: string
  }>`select category, count(*) as n from projects group by category`,
})

const MODELS = { feed, voters, daily, notAModel: 1 }

let database: TestDatabase
let pool: pg.Pool
let owner: Connection
let writer: Connection
let worker: Connection
const drain = async () => await drainAll(worker, await readModels(owner))

beforeAll(async () => {
  database = await createTestDatabase(SCHEMA)
  owner = await database.connect('owner')
  writer = await database.connect('writer')
  worker = await database.connect('worker')
  const roles = { worker: ROLES.worker, reader: ROLES.reader }
  await installModels({ define: [MODELS], roles, database: database.url('owner') })
  pool = new pg.Pool({ connectionString: database.url('reader'), max: 3 })
})
afterAll(async () => {
  await pool.end()
})

const clientOf = () => createClient(pool, MODELS)

test('only read models have reads', () => {
  expect(Object.keys(clientOf())).toEqual(['feed', 'voters', 'daily'])
})

describe('by key', () => {
  test('one row, or none', async () => {
    const { feed, voters, daily } = clientOf()
    expect(await feed.get(7)).toMatchObject({ id: 7, title: 'project 7', votes: '1', labels: ['l1'] })
    expect(await feed.get(99)).toBeNull()
    expect(await voters.get({ project_id: 2, user_id: 2 })).toEqual({ project_id: 2, user_id: 2 })
    expect(await voters.get({ project_id: 2, user_id: 3 })).toBeNull()
    expect(await daily.get(null)).toEqual({ category: null, n: '10' })
  })

  test('rows in the order of their keys', async () => {
    const { feed, voters, daily } = clientOf()
    const rows = await feed.getMany([7, 99, 3, 7])
    expect(rows.map((row) => row?.title)).toEqual(['project 7', undefined, 'project 3', 'project 7'])
    expect(rows[1]).toBeNull()
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'id',
      'title',
      'category',
      'score',
      'made',
      'labels',
      'votes',
    ])
    expect(await feed.getMany([])).toEqual([])
    expect(await daily.getMany(['art', null, 'none'])).toEqual([
      { category: 'art', n: '10' },
      { category: null, n: '10' },
      null,
    ])
    expect(await voters.getMany([{ user_id: 1, project_id: 4 }])).toEqual([{ project_id: 4, user_id: 1 }])
    expect(await feed.strict.getMany([3, 98])).toMatchObject([{ id: 3 }, null])
  })
})

describe('pages', () => {
  const ids = (page: { readonly rows: readonly { readonly id: number }[] }) => page.rows.map(({ id }) => id)
  const inOrder = async (order: string, where = 'true') =>
    (await owner.query<{ id: number }>(`select id from projects where ${where} order by ${order}`)).map(
      (it) => it.id,
    )

  test('forwards and backwards, by the key or in an order', async () => {
    const { feed } = clientOf()
    const first = await feed.page({ n: 3 })
    expect(ids(first)).toEqual([1, 2, 3])
    expect(first.previous).toBeNull()
    const second = await feed.page({ n: 3, after: first.next })
    expect(ids(second)).toEqual([4, 5, 6])
    expect(await feed.page({ n: 3, before: second.previous })).toEqual({ ...first, previous: null })

    const byScore = { orderBy: 'score desc', n: 25 } as const
    const top = await feed.page(byScore)
    const rest = await feed.page({ ...byScore, after: top.next })
    expect([...ids(top), ...ids(rest)]).toEqual(await inOrder('score desc, id'))
    expect(rest.next).toBeNull()
    expect(ids(await feed.page({ ...byScore, before: rest.previous }))).toEqual(ids(top))
    expect(Object.keys(rest.rows[0] ?? {})).not.toContain('millrace_place')
  })

  test('moments to the microsecond', async () => {
    const { feed } = clientOf()
    const found: number[] = []
    for (let after: string | null = null; ;) {
      const page = await feed.page({ orderBy: 'made', n: 7, after })
      found.push(...ids(page))
      after = page.next
      if (after === null) break
    }
    expect(found).toEqual(await inOrder('made, id'))
  })

  test('with filters on columns of an index', async () => {
    const { feed } = clientOf()
    const order = { orderBy: 'made desc', n: 40 } as const
    expect(ids(await feed.page({ ...order, where: { category: 'art' } }))).toEqual(
      await inOrder('made desc, id', `category = 'art'`),
    )
    expect(ids(await feed.page({ ...order, where: { category: null } }))).toEqual(
      await inOrder('made desc, id', 'category is null'),
    )
    const made = { gte: new Date('2026-01-01T00:00:00.000Z'), lt: new Date('2026-01-02T00:00:00.000Z') }
    expect(ids(await feed.page({ orderBy: 'made', where: { made }, n: 40 }))).toHaveLength(40)
    const score = { orderBy: 'score desc', n: 40 } as const
    expect(
      ids(await feed.page({ ...score, where: { score: { gt: '5', lte: '20' }, id: [1, 2, 3, 4] } })),
    ).toEqual(await inOrder('score desc, id', 'score > 5 and score <= 20 and id in (1, 2, 3, 4)'))
    expect(ids(await feed.page({ ...score, where: { score: [null, '7'] } }))).toEqual(
      await inOrder('score desc, id', 'score is null or score = 7'),
    )
    const unindexed = { orderBy: 'title', where: { labels: ['l2'] }, unindexed: 'allow', n: 40 } as const
    expect(ids(await feed.page(unindexed))).toEqual(await inOrder('title, id', `labels = '{l2}'`))
    expect(ids(await feed.strict.page(unindexed))).toEqual(ids(await feed.page(unindexed)))
  })

  test.each([
    [{ orderBy: 'title' }, 'PAGE_NOT_INDEXED', `Declare indexes: [['title', 'id']], or`],
    [{ orderBy: ['score', 'id'] }, 'PAGE_NOT_INDEXED', `Declare indexes: [['score', 'id']], or`],
    [{ orderBy: ['made desc'], where: { votes: '1' } }, 'PAGE_NOT_INDEXED', `[['votes', 'made desc', 'id']]`],
    [{ where: { category: 'art' } }, 'PAGE_NOT_INDEXED', `[['category', 'id']]`],
    [{ orderBy: 'id', where: { title: { gt: 'a' } } }, 'PAGE_NOT_INDEXED', `[['id', 'title']]`],
    [{ orderBy: 'nothing desc' }, 'BAD_PAGE', 'There is: id, title, category, score, made, labels, votes.'],
    [{ where: { nothing: 1 } }, 'BAD_PAGE', 'There is: id'],
    [{ where: { id: { above: 1 } } }, 'BAD_PAGE', '{ gt, gte, lt, lte }'],
    [{ n: 0 }, 'BAD_PAGE', 'Ask for 1 to 10,000 rows.'],
    [{ after: 'x', before: 'x' }, 'BAD_PAGE', 'Give one of them.'],
    [{ after: 'x' }, 'CURSOR_INVALID', 'begin with the first page'],
    [
      { after: Buffer.from('[1,"x","[]"]').toString('base64url') },
      'CURSOR_INVALID',
      'begin with the first page',
    ],
  ])('%j is refused', async (options, code, hint) => {
    await expect(clientOf().feed.page(options as object)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint) as string,
    })
  })

  test('a score that comes with nulls first is not one that comes with nulls last, but the opposite order is served', async () => {
    const { feed } = clientOf()
    await expect(feed.page({ orderBy: 'score desc nulls last' })).rejects.toMatchObject({
      code: 'PAGE_NOT_INDEXED',
    })
    expect(ids(await feed.page({ orderBy: ['score', 'id desc'], n: 40 }))).toEqual(
      await inOrder('score, id desc'),
    )
  })

  test('a cursor belongs to one order of one read model', async () => {
    const { feed, voters } = clientOf()
    const { next: after } = await feed.page({ orderBy: 'made', n: 1 })
    for (const page of [feed.page({ orderBy: 'score desc', after }), voters.page({ after })]) {
      await expect(page).rejects.toMatchObject({
        code: 'CURSOR_INVALID',
        detail: 'it was given for another order',
      })
    }
  })

  test('a name that is no read model here', async () => {
    const elsewhere = { ...feed, name: 'elsewhere' }
    await expect(createClient(pool, { elsewhere }).elsewhere.page()).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
    })
    await expect(createClient(pool, { elsewhere }).elsewhere.age()).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
    })
  })
})

describe('freshness', () => {
  test('strict reads see what is queued; a plain one does after its token', async () => {
    const { feed, daily } = clientOf()
    await drain()
    expect(await feed.age()).toMatchObject({ waiting: 0, ageMs: 0 })
    await writer.query('begin')
    await writer.query(`update projects set score = 1000 where id = 7`)
    const token = await takeToken(writer)
    await writer.query('commit')

    expect(await feed.get(7)).not.toMatchObject({ score: '1000' })
    expect(await feed.strict.get(7)).toMatchObject({ score: '1000' })
    const nth = { orderBy: 'score desc', n: 1, where: { score: { gt: '0' } } } as const
    expect((await feed.strict.page(nth)).rows).toMatchObject([{ id: 7, score: '1000' }])
    const { waiting, ageMs, reachedAt } = await feed.age()
    expect(waiting).toBeGreaterThan(0)
    expect(ageMs).toBeGreaterThan(0)
    expect(reachedAt).toBeInstanceOf(Date)
    expect((await daily.age()).ageMs).toBeGreaterThan(0)

    await expect(feed.waitFor(token, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'TOKEN_TIMEOUT' })
    await drain()
    await feed.waitFor(token)
    expect(await feed.get(7)).toMatchObject({ score: '1000' })
    expect(await daily.strict.get('art')).toEqual({ category: 'art', n: '10' })
    expect((await daily.strict.page({ unindexed: 'allow' })).rows).toHaveLength(4)
  })
})

describe('prepared statements', () => {
  const GET = 'select t.*\nfrom "public"."feed" as t\nwhere "t"."id" = $1'
  const prepared = async (client: pg.Client) =>
    (await client.query<{ name: string }>('select name from pg_prepared_statements')).rows.map(
      ({ name }) => name,
    )
  const withClient = async (use: (client: pg.Client) => Promise<void>) => {
    const client = new pg.Client({ connectionString: database.url('reader') })
    await client.connect()
    await use(client).finally(() => client.end())
  }

  test('have names that their text decides, unless that is switched off', async () => {
    await withClient(async (client) => {
      await createClient(client, MODELS, { prepare: false }).feed.get(1)
      await createClient({ query: (text, values) => client.query(text, values) }, MODELS).feed.get(1)
      expect(await prepared(client)).toEqual([])
      await createClient(client, MODELS).feed.get(1)
      await createClient(client, MODELS).feed.get(2)
      expect(await prepared(client)).toEqual([statementName(GET)])
      expect(statementName(GET)).toBe('millrace_547aa36939e0c3d7cddf940f')
    })
  })

  test('are prepared anew when the read model has other columns', async () => {
    await withClient(async (client) => {
      const { feed } = createClient(client, MODELS)
      await feed.get(1)
      await owner.query('begin')
      await owner.query(
        `create or replace view feed as select *, 1 as more from (${await viewOf('feed')}) as it`,
      )
      await owner.query('commit')
      expect(await feed.get(1)).toMatchObject({ id: 1, more: 1 })
      expect(await prepared(client)).toEqual([statementName(GET), statementName(GET, 1)])
    })
  })

  async function viewOf(name: string): Promise<string> {
    const [view] = await owner.query<{ text: string }>(
      `select rtrim(pg_get_viewdef($1::regclass), ';') as text`,
      [name],
    )
    return view?.text ?? ''
  }
})

describe('the plan of every page', () => {
  const ROWS = 10_000
  const big = readModel('big', {
    key: 'id',
    freshness: 'eventual',
    query: sql<Feed>`select id, title, category, score, made, labels, 0::bigint as votes from many`,
    indexes: [
      ['score desc', 'id'],
      ['category', 'made desc', 'id'],
      ['score', 'made desc nulls last'],
    ],
  })
  let client: pg.Client

  beforeAll(async () => {
    const other = await createTestDatabase(`
      create table many (id int primary key, title text, category text, score numeric, made timestamptz, labels text[]);
      insert into many
      select n, 'project ' || n, case when n % 10 > 0 then 'c' || n % 10 end, case when n % 7 > 0 then n % 5000 end,
             '2026-01-01'::timestamptz + n * interval '1 minute', '{}'
      from generate_series(1, ${String(ROWS)}) as n`)
    await installModels({ define: [big], roles: { reader: ROLES.reader }, database: other.url('owner') })
    const owner = await other.connect('owner')
    await owner.query('analyze millrace.big_v1')
    client = new pg.Client({ connectionString: other.url('reader') })
    await client.connect()
    return async () => {
      await client.end()
    }
  })

  test.each([
    [{}],
    [{ orderBy: 'score desc' }],
    [{ orderBy: ['score', 'id desc'] }],
    [{ orderBy: ['score', 'made desc nulls last'] }],
    [{ orderBy: ['score desc', 'made nulls first'] }],
    [{ orderBy: 'made desc', where: { category: 'c3' } }],
    [{ orderBy: 'made', where: { category: null } }],
    [{ orderBy: 'made desc', where: { category: 'c3', made: { lt: '2026-01-09' } } }],
  ] as [PageOptions<Feed>][])('%j reads ranges of indexes, from the first page on', async (options) => {
    for (const strict of [false, true]) {
      const asked: { readonly text: string; readonly values: unknown[] }[] = []
      const recording = {
        async query(text: string, values: unknown[] = []) {
          if (text.includes('millrace_place')) asked.push({ text, values })
          return await client.query(text, values)
        },
      }
      const reads = createClient(recording, { big }).big
      const rows = strict ? reads.strict : reads
      let cursor: string | null = null
      for (let i = 0; i < 3; i++) cursor = (await rows.page({ ...options, n: 50, after: cursor })).next
      if (cursor !== null) await rows.page({ ...options, n: 50, before: cursor })
      for (const { text, values } of strict ? [] : asked) {
        const explained = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `explain (analyze, costs off, timing off, format json) ${text}`,
          values,
        )
        const scans = explained.rows.flatMap((it) => scansOf(it['QUERY PLAN'][0].Plan))
        expect(scans.map((it) => it['Node Type'])).not.toContain('Seq Scan')
        // A page and the rows that agree with the last, or what the planner takes for as cheap; never all that lie before it.
        const read = scans.map((it) => it['Actual Rows'] + (it['Rows Removed by Filter'] ?? 0))
        expect(Math.max(...read)).toBeLessThan(ROWS / 8)
      }
      expect(asked).toHaveLength(cursor === null ? 3 : 4)
    }
  })
})

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

function scansOf(node: PlanNode): readonly PlanNode[] {
  const below = (node.Plans ?? []).flatMap(scansOf)
  return node['Node Type'].includes('Scan') ? [node, ...below] : below
}
