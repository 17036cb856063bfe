import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { withClient } from '../../src/database.ts'
import { ACTIONS } from '../../src/web/actions/index.ts'
import { PAGES } from '../../src/web/pages/index.ts'
import { asked, SEARCH, SUGGESTIONS } from '../../src/web/pages/search.ts'
import { openCommunity } from './open-community.ts'
import { join, visit, type Visitor } from './visitor.ts'

const community = openCommunity()

/** One row of everything that pages are about. */
const SAMPLES = `
  select (select project_id from comments where parent_id is not null group by 1 order by count(*) desc, 1 limit 1) as project,
         (select id from mv_chains_discovery order by post_count desc, id limit 1) as chain,
         (select id from mv_chain_posts order by comment_count desc, id limit 1) as post,
         (select chain_id from mv_chain_posts order by comment_count desc, id limit 1) as chain_of_post,
         (select id from project_ranks limit 1) as ranked,
         (select id from builder_ranks order by total_karma desc limit 1) as builder,
         (select username from builder_ranks order by total_karma desc limit 1) as username,
         (select id from mv_investors_directory limit 1) as investor,
         (select name from mv_search_index where result_type = 'project' limit 1) as words`

type Samples = Readonly<
  Record<
    'project' | 'chain' | 'post' | 'chain_of_post' | 'ranked' | 'builder' | 'username' | 'investor' | 'words',
    string
  >
>

interface Case {
  /** As the page is declared. */
  readonly path: string
  readonly address: (it: Samples) => string
  /** Statements and rows at most: the plan's, where it has some. Who is signed in costs a feed one statement more. */
  readonly statements: number
  readonly rows: number
}

const CASES: readonly Case[] = [
  { path: '/', address: () => '/', statements: 2, rows: 10 },
  { path: '/', address: () => '/?sort=top-rated', statements: 2, rows: 10 },
  { path: '/', address: () => '/?sort=newest', statements: 2, rows: 10 },
  { path: '/', address: () => '/?category=ai', statements: 2, rows: 10 },
  { path: '/', address: () => '/?featured=true', statements: 2, rows: 10 },
  { path: '/projects/:id', address: ({ project }) => `/projects/${project}`, statements: 2, rows: 1 + 20 },
  {
    path: '/projects/:id/card',
    address: ({ project }) => `/projects/${project}/card`,
    statements: 2,
    rows: 2,
  },
  { path: '/leaderboards/projects', address: () => '/leaderboards/projects', statements: 1, rows: 50 },
  {
    path: '/leaderboards/projects',
    address: () => '/leaderboards/projects?category=ai',
    statements: 1,
    rows: 50,
  },
  {
    path: '/leaderboards/projects',
    address: ({ ranked }) => `/leaderboards/projects?around=${ranked}`,
    statements: 1,
    rows: 50,
  },
  {
    path: '/leaderboards/projects/:id/row',
    address: ({ ranked }) => `/leaderboards/projects/${ranked}/row`,
    statements: 1,
    rows: 1,
  },
  { path: '/leaderboards/builders', address: () => '/leaderboards/builders', statements: 1, rows: 50 },
  {
    path: '/leaderboards/builders',
    address: ({ builder }) => `/leaderboards/builders?around=${builder}`,
    statements: 1,
    rows: 50,
  },
  {
    path: '/leaderboards/builders/:id/row',
    address: ({ builder }) => `/leaderboards/builders/${builder}/row`,
    statements: 1,
    rows: 1,
  },
  { path: '/chains', address: () => '/chains', statements: 1, rows: 12 },
  { path: '/chains', address: () => '/chains?sort=followers', statements: 1, rows: 12 },
  { path: '/chains', address: () => '/chains?category=ai', statements: 1, rows: 12 },
  { path: '/chains', address: () => '/chains?featured=true', statements: 1, rows: 12 },
  { path: '/chains/:id', address: ({ chain }) => `/chains/${chain}`, statements: 3, rows: 1 + 12 + 5 + 1 },
  { path: '/chains/:id/card', address: ({ chain }) => `/chains/${chain}/card`, statements: 1, rows: 1 },
  {
    path: '/chains/:id/forum',
    address: ({ chain }) => `/chains/${chain}/forum`,
    statements: 2,
    rows: 1 + 20,
  },
  {
    path: '/chains/:id/forum',
    address: ({ chain }) => `/chains/${chain}/forum?sort=newest`,
    statements: 2,
    rows: 1 + 20,
  },
  {
    path: '/chains/:id/forum/:post',
    address: ({ chain_of_post, post }) => `/chains/${chain_of_post}/forum/${post}`,
    statements: 2,
    rows: 1 + 20,
  },
  {
    path: '/chains/:id/forum/:post/row',
    address: ({ chain_of_post, post }) => `/chains/${chain_of_post}/forum/${post}/row`,
    statements: 1,
    rows: 1,
  },
  { path: '/investors', address: () => '/investors', statements: 1, rows: 20 },
  {
    path: '/investors/:id/card',
    address: ({ investor }) => `/investors/${investor}/card`,
    statements: 1,
    rows: 1,
  },
  {
    path: '/search',
    address: ({ words }) => `/search?q=${encodeURIComponent(words)}`,
    statements: 1,
    rows: 20,
  },
  {
    path: '/search',
    address: ({ words }) => `/search?type=project&q=${encodeURIComponent(words)}`,
    statements: 1,
    rows: 20,
  },
  { path: '/search', address: () => '/search', statements: 0, rows: 0 },
  { path: '/search/suggestions', address: () => '/search/suggestions?q=la', statements: 1, rows: 12 },
  { path: '/users/:username', address: ({ username }) => `/users/${username}`, statements: 1, rows: 1 },
]

/** What a look ahead may add: the row that says whether there is another page. */
const AHEAD = 1

const PUBLIC = PAGES.filter(({ access }) => access === 'everyone')

test('every public page has a case', () => {
  expect(new Set(CASES.map(({ path }) => path))).toEqual(new Set(PUBLIC.map(({ path }) => path)))
})

test('every public page is HTML and JSON of its own schema, for strangers and for viewers, within its budget', async () => {
  const [samples] = await community.ask<Samples>(SAMPLES)
  if (samples === undefined) throw new Error('the community is empty')
  const kim = await join(community.web, 'kim')
  await kim.postJson(`/api/chains/${samples.chain}/follow`)
  await kim.postJson(`/api/projects/${samples.project}/vote`)
  // Columns and indexes are asked for once in a minute, and not for each page.
  for (const it of CASES) await kim.get(it.address(samples))
  for (const it of CASES) for (const who of [visit(community.web), kim]) await expectPage(it, samples, who)
})

async function expectPage(
  { path, address, statements, rows }: Case,
  samples: Samples,
  who: Visitor,
): Promise<void> {
  const page = PUBLIC.find((it) => it.path === path)
  if (page === undefined) throw new Error(path)
  const at = address(samples)
  const response = await who.get(at)
  expect([at, response.status]).toEqual([at, 200])
  const text = await response.text()
  expect([at, text.includes('<h1'), text.includes('undefined')]).toEqual([at, !page.isFragment, false])
  const used = tallyOf(response)
  expect(used.statements, at).toBeLessThanOrEqual(statements)
  const flags = path === '/' && used.statements === 2 ? rows : 0
  expect(used.rows, at).toBeLessThanOrEqual(rows + flags + AHEAD)

  const [name = '', query = ''] = at.split('?')
  const { status, body } = await who.getJson(`${apiOf(page.api, page.path, name)}?${query}`)
  expect([at, status]).toEqual([at, 200])
  // Nothing is left out of the schema either.
  expect(page.data.parse(body)).toEqual(body)
}

function apiOf(api: string, path: string, name: string): string {
  return api === `/api${path}` ? `/api${name}` : api
}

function tallyOf(response: Response): { readonly statements: number; readonly rows: number } {
  const [, statements, rows] =
    /desc="(\d+) statements, (\d+) rows"/.exec(response.headers.get('Server-Timing') ?? '') ?? []
  return { statements: Number(statements), rows: Number(rows) }
}

test('what is not there is not found, and what cannot be is told', async () => {
  const stranger = visit(community.web)
  const nobody = crypto.randomUUID()
  for (const path of PUBLIC.map((it) => it.path).filter((it) => it.includes(':'))) {
    for (const id of [nobody, 'x', '%F0', "' or true --"]) {
      const address = path.replaceAll(/:\w+/g, encodeURI(id))
      expect([address, (await stranger.get(address)).status]).toEqual([address, 404])
      expect([address, (await stranger.getJson(`/api${address}`)).status]).toEqual([address, 404])
    }
  }
  const bad = [
    '/?sort=best',
    `/?category=${'x'.repeat(101)}`,
    '/?after=x',
    `/?after=${Buffer.from('["a","b"]').toString('base64url')}`,
    '/chains?after=x',
    `/chains?after=${Buffer.from('["a","b"]').toString('base64url')}`,
    '/chains?featured=perhaps',
    '/leaderboards/builders?after=1',
    '/investors?after=%00',
    `/search?q=${'x'.repeat(201)}`,
    '/search?q=a&type=moon',
  ]
  for (const address of bad) {
    const api = address.startsWith('/?') ? `/api/feed${address.slice(1)}` : `/api${address}`
    expect([address, (await stranger.get(address)).status]).toEqual([address, 400])
    expect([address, (await stranger.getJson(api)).status]).toEqual([address, 400])
  }
})

interface ListPage {
  readonly next: string | null
  readonly previous: string | null
  readonly [list: string]: unknown
}

/** All ids of a list from its first page on; pages before are those that have been seen. */
async function walk(api: string, list: string): Promise<readonly string[]> {
  const stranger = visit(community.web)
  const idsOf = (page: ListPage) => (page[list] as readonly { readonly id: string }[]).map(({ id }) => id)
  const seen: string[][] = []
  let next: string | null = null
  do {
    const cursor = next === null ? '' : `${api.includes('?') ? '&' : '?'}after=${encodeURIComponent(next)}`
    const page = (await stranger.getJson(`${api}${cursor}`)).body as ListPage
    const before = seen.at(-1)
    if (page.previous !== null && before !== undefined) {
      const back = `${api}${api.includes('?') ? '&' : '?'}before=${encodeURIComponent(page.previous)}`
      expect(idsOf((await stranger.getJson(back)).body as ListPage)).toEqual(before)
    }
    seen.push(idsOf(page))
    next = page.next
  } while (next !== null)
  return seen.flat()
}

test('lists have every row once, in their order, forth and back', async () => {
  const [samples] = await community.ask<Samples>(SAMPLES)
  const chain = samples?.chain ?? ''
  const lists: readonly (readonly [api: string, list: string, sql: string, values?: unknown[]])[] = [
    ['/api/feed', 'projects', 'select id from mv_feed_projects order by trending_score desc, id'],
    [
      '/api/feed?sort=newest',
      'projects',
      'select id from projects where not is_deleted order by created_at desc, id',
    ],
    [
      '/api/feed?category=ai',
      'projects',
      `select id from mv_feed_projects where category = 'ai' order by trending_score desc, id`,
    ],
    [
      '/api/feed?featured=true',
      'projects',
      'select id from mv_feed_projects where is_featured order by trending_score desc, id',
    ],
    ['/api/chains', 'chains', 'select id from mv_chains_discovery order by trending_score desc, id'],
    [
      '/api/chains?sort=followers',
      'chains',
      'select id from mv_chains_discovery order by follower_count desc, id',
    ],
    ['/api/investors', 'investors', 'select id from mv_investors_directory order by approved_at desc, id'],
    [
      `/api/chains/${chain}`,
      'projects',
      `select p.id from chain_projects l join projects p on p.id = l.project_id
       where l.chain_id = $1 and not p.is_deleted order by l.created_at desc, p.id`,
      [chain],
    ],
    [
      `/api/chains/${chain}/forum`,
      'posts',
      'select id from mv_chain_posts where chain_id = $1 order by is_pinned desc, trending_score desc, id',
      [chain],
    ],
    [
      `/api/chains/${chain}/forum?sort=newest`,
      'posts',
      'select id from chain_posts where chain_id = $1 and not is_deleted order by created_at desc, id',
      [chain],
    ],
    ['/api/leaderboards/projects', 'projects', 'select id from mv_leaderboard_projects order by rank'],
    ['/api/leaderboards/builders', 'builders', 'select id from mv_leaderboard_builders order by rank'],
  ]
  for (const [api, list, sql, values] of lists) {
    const expected = (await community.ask<{ id: string }>(sql, values)).map(({ id }) => id)
    expect([api, await walk(api, list)]).toEqual([api, expected])
    expect([api, expected.length > 0]).toEqual([api, true])
  }
})

test('indexes serve the search and its suggestions', async () => {
  const plans = await withClient(community.database.url('writer'), async (client) => {
    // Of a hundred rows the planner would rather read all.
    await client.query('set enable_seqscan = off; set enable_indexscan = off')
    const explain = async (text: string, values: unknown[]) =>
      JSON.stringify((await client.query(`explain (format json) ${text}`, values)).rows)
    return [
      await explain(SEARCH, [...asked('quiet lantern'), null]),
      await explain(SUGGESTIONS, [...asked('lant')]),
    ]
  })
  expect(plans[0]).toContain('idx_search_vector')
  for (const plan of plans) {
    expect(plan).toContain('idx_search_name_trgm')
    expect(plan).not.toContain('Seq Scan')
  }
})

test('the document of the API is one of OpenAPI 3.1, and has every page and every action', async () => {
  const { body } = await visit(community.web).getJson('/api/openapi.json')
  const validator = new Validator()
  expect(await validator.validate(body as Record<string, unknown>)).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  const { paths } = body as { readonly paths: Readonly<Record<string, object>> }
  const template = (api: string) => api.replaceAll(/:(\w+)/g, '{$1}')
  for (const { api } of PAGES) expect(paths[template(api)]).toHaveProperty('get')
  for (const { api } of ACTIONS) expect(paths[template(api)]).toHaveProperty('post')
})
