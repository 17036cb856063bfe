import type pg from 'pg'
import { PAGES } from '../web/pages/index.ts'
import type { Share } from '../web/shared-answers.ts'
import { openStore, tallied, type Store } from '../web/store.ts'
import type { Viewer } from '../web/viewer.ts'
import { tick, type Tick } from './tick.ts'

const BUDGETS = 'Pages: statements and rows at most'
const DESIGNED = 'Pages: each that the plan classifies'

interface Budget {
  readonly what: string
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly statements: number
  /** Of the page itself; what people have written below it is not counted by the plan. */
  readonly rows: number
  /** Rows that only say which of them the viewer has voted for. */
  readonly flags?: number
  /** What the plan promises, in milliseconds, for the whole answer. */
  readonly promisedMs: number
}

/** Comments come twenty to a page. */
const COMMENTS = 20

function budgetsOf(project: string): readonly Budget[] {
  return [
    { what: 'Feed', path: '/', statements: 2, rows: 10, flags: 10, promisedMs: 120 },
    { what: 'Leaderboard', path: '/leaderboards/projects', statements: 1, rows: 50, promisedMs: 80 },
    {
      what: 'Leaderboard of builders',
      path: '/leaderboards/builders',
      statements: 1,
      rows: 50,
      promisedMs: 80,
    },
    { what: 'Dashboard', path: '/me', statements: 1, rows: 1, promisedMs: 50 },
    { what: 'Chains list', path: '/chains', statements: 1, rows: 12, promisedMs: 90 },
    { what: 'Search', path: '/search', query: { q: 'solar' }, statements: 1, rows: 20, promisedMs: 150 },
    {
      what: 'Project details',
      path: '/projects/:id',
      params: { id: project },
      statements: 2,
      rows: 1 + COMMENTS,
      promisedMs: 100,
    },
  ]
}

/** All of the plan's table of pages. */
const FEATURES = [
  ...['Direct messages', 'Intros', 'Dashboard', 'My projects', 'Notifications', 'Unread counts', 'Feed'],
  ...['Leaderboards', 'Chains list', 'Investors directory', 'Search', 'Chain details', 'Chain forums'],
  ...[
    'Project details',
    'Admin dashboard',
    'Investor dashboard',
    'Validator dashboard',
    'Public user profile',
  ],
] as const

/** What each page asks of the database, counted as it is answered; and whether each has a page at all. */
export async function pages(client: pg.Client, url: string, viewer: Viewer): Promise<readonly Tick[]> {
  const { rows } = await client.query<{ id: string }>(
    'select project_id as id from comments group by 1 order by count(*) desc, 1 limit 1',
  )
  const store = openStore(url, 2)
  try {
    const ticks: Tick[] = []
    for (const it of budgetsOf(rows[0]?.id ?? '')) ticks.push(await within(it, store, viewer))
    for (const feature of FEATURES) ticks.push(await hasPage(feature))
    return ticks
  } finally {
    await store.close()
  }
}

/** Each answer is asked for. */
const share: Share = async (_name, read) => await read()

async function within(budget: Budget, store: Store, viewer: Viewer): Promise<Tick> {
  const { what, path, params = {}, query = {}, statements, rows, promisedMs } = budget
  const expected = `at most ${told(statements, rows)}`
  return await tick(BUDGETS, `${what} (promised ${String(promisedMs)} ms)`, expected, async () => {
    const page = PAGES.find((it) => it.path === path)
    if (page === undefined) return { found: `there is no page ${path}` }
    // The first answer opens connections and prepares statements.
    await page.answer({ store, share, params, query, viewer })
    const startedAt = performance.now()
    const { result, tally } = await tallied(() => page.answer({ store, share, params, query, viewer }))
    const ms = Math.round((performance.now() - startedAt) * 10) / 10
    if (result === null) return { found: 'nothing there', ms }
    const isWithin = tally.statements <= statements && tally.rows <= rows + AHEAD + (budget.flags ?? 0)
    return { found: told(tally.statements, tally.rows), ok: isWithin, ms }
  })
}

/** A page reads one row more than it shows, to know whether there is a next one. */
const AHEAD = 1

function told(statements: number, rows: number): string {
  return `${String(statements)} ${statements === 1 ? 'statement' : 'statements'}, ${String(rows)} ${rows === 1 ? 'row' : 'rows'}`
}

async function hasPage(feature: string): Promise<Tick> {
  return await tick(DESIGNED, feature, 'a page', async () =>
    Promise.resolve({ found: PAGES.some((it) => it.feature === feature) ? 'a page' : 'none' }),
  )
}
