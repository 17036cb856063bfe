import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { respondFresh } from 'millrace'
import pg from 'pg'
import type { Status } from '../status.ts'
import { addPeople, listPeople, readPerson } from './people.ts'
import { addVoting } from './voting.ts'

export interface WatchOptions {
  readonly databaseUrl: string
  readonly status: () => Status
}

/** Where it is served. Its own addresses are relative to it. */
export const WATCH_PATH = '/watch/'

/** A row of the feed as the page shows it. */
interface FeedRow {
  readonly id: string
  readonly title: string
  readonly username: string
  readonly upvotes: number
  readonly comments: number
  readonly badges: number
}

const SCRIPTS = ['elements.js', 'live.js', 'people.js']
const FEED = 'mv_feed_projects'
const TOP = `
  select id, title, username, upvote_count::int as upvotes, comment_count::int as comments, badge_count::int as badges
  from ${FEED}
  order by trending_score desc, id
  limit 10`

/** The page that shows the application at work, and the data behind it. */
export function watchPage({ databaseUrl, status }: WatchOptions): {
  readonly app: Hono
  readonly close: () => Promise<void>
} {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  pool.on('error', () => undefined)
  const read = async () => ({ ...status(), top: (await pool.query<FeedRow>(TOP)).rows })

  const app = new Hono()
  app.get('/', async (context) =>
    context.html(await pageWith({ ...(await read()), ...(await readFirst(pool)) })),
  )
  app.get('/status.json', (context) =>
    respondFresh(context.req.raw, { client: pool, models: [FEED] }, async () => context.json(await read())),
  )
  addVoting(app, pool)
  addPeople(app, pool)
  app.get('/style.css', async (context) =>
    context.body(await asset('style.css'), 200, { 'Content-Type': 'text/css' }),
  )
  app.get('/:script{[a-z]+\\.js}', async (context) => {
    const script = context.req.param('script')
    if (!SCRIPTS.includes(script)) return context.notFound()
    return context.body(await asset(script), 200, { 'Content-Type': 'text/javascript' })
  })

  return {
    app,
    close: async () => {
      await pool.end()
    },
  }
}

/** Whose dashboard can be looked at, and the first of them. */
async function readFirst(pool: pg.Pool): Promise<object> {
  const people = await listPeople(pool)
  return { people, person: people[0] && (await readPerson(pool, people[0].id)) }
}

/** The page comes with its first figures in it, so that nothing moves when the script draws them. */
async function pageWith(first: object): Promise<string> {
  const json = JSON.stringify(first).replaceAll('<', '\\u003c')
  return (await asset('index.html')).replace('{{status}}', () => json)
}

async function asset(name: string): Promise<string> {
  return await readFile(new URL(name, import.meta.url), 'utf8')
}
