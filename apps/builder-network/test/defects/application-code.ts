import { readHealth } from '../../src/health.ts'
import { feed } from '../../src/web/pages/feed.ts'
import { search } from '../../src/web/pages/search.ts'
import type { Viewer } from '../../src/web/viewer.ts'
import { ADA, attempt, BOB, message, ONE, post, PROJECT, vote, type Defect, type Stage } from './defect.ts'
import { readPage } from './read-page.ts'
import { BASIC_LOG, COUNTERS, plannedViews } from './planned.sql.ts'

const FEED = plannedViews('mv_feed_projects')

interface FeedAnswer {
  readonly projects: readonly { readonly id: string; readonly user_has_upvoted: boolean }[]
  readonly next: string | null
}

interface SearchAnswer {
  readonly results: readonly { readonly id: string }[]
}

/** Who looks has voted for one of the projects. */
async function fillFlags(stage: Stage): Promise<unknown> {
  const client = await stage.session()
  await client.query(post(100_000))
  await client.query(vote())
  if (stage.isPlanned)
    return await attempt(client, `update mv_feed_projects set user_has_upvoted = true where id = ${PROJECT}`)
  await stage.drain()
  const bob: Viewer = {
    id: BOB.slice(1, -1),
    username: 'bob',
    role: 'builder',
    isAdmin: false,
    isListed: false,
    sessionId: '',
  }
  const { projects } = await readPage<FeedAnswer>(stage, feed, { viewer: bob, query: { sort: 'top-rated' } })
  return projects.filter((it) => it.user_has_upvoted).map(({ id }) => `'${id}'` === PROJECT)
}

/** Somebody who has not signed in opens the feed. */
async function openAsStranger(stage: Stage): Promise<unknown> {
  if (stage.isPlanned) return await attempt(await stage.session(), 'select planned.get_feed()')
  const { projects } = await readPage<FeedAnswer>(stage, feed)
  return projects.some((it) => it.user_has_upvoted)
}

/** A name that is only looked up when the code is run. */
const UNDEFINED_USER = `
  create function planned.get_feed() returns setof uuid language plpgsql as $$ begin
    return query select f.id from planned.mv_feed_projects f
      where exists (select from upvotes v where v.project_id = f.id and v.user_id = viewer_id);
  end $$`

/** The plan's search, whose parameter for the kind is null for all of them. */
const ALL_KINDS = `
  prepare search_all as
  select id from mv_search_index
  where search_vector @@ plainto_tsquery('english', $1) and ($2 is null or result_type = $3)`

/** Of all kinds, by one statement whose parameter has no type. */
async function searchAllKinds(stage: Stage): Promise<unknown> {
  const client = await stage.session()
  await client.query(post().replace("'one'", "'Theodolite'"))
  if (stage.isPlanned) return await attempt(client, ALL_KINDS)
  await stage.drain()
  const { results } = await readPage<SearchAnswer>(stage, search, { query: { q: 'theodolite' } })
  return results.map(({ id }) => `'${id}'` === PROJECT)
}

/** Two windows open the dashboard of somebody who has messages, for the first time. */
async function openTwice(stage: Stage): Promise<unknown> {
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query(message(ONE, 'hello'))
  const read = `select unread_messages::int from user_dashboard_stats where user_id = ${ADA}`
  const seen = [await first.query<object>(read), await second.query<object>(read)]
  const create = `insert into user_dashboard_stats (user_id) values (${ADA})`
  const made: (string | null)[] = []
  for (const [i, client] of [first, second].entries())
    if (seen[i]?.rowCount === 0) made.push(await attempt(client, create))
  return { created: made, shown: (await first.query<object>(read)).rows }
}

/** A project rises to the top while somebody turns the page. */
async function turnThePage(stage: Stage): Promise<unknown> {
  const client = await stage.session()
  const offset = async (from: number) =>
    (
      await client.query<{ id: string }>(
        `select id from mv_feed_projects order by trending_score desc offset $1 limit 10`,
        [from],
      )
    ).rows.map(({ id }) => id)
  const first = stage.isPlanned ? { ids: await offset(0), next: null } : await keyset(stage, {})
  await client.query(post(1_000_000))
  await stage.drain()
  const second = stage.isPlanned ? { ids: await offset(10) } : await keyset(stage, { after: first.next })
  return second.ids.filter((id) => first.ids.includes(id)).length
}

async function keyset(
  stage: Stage,
  query: object,
): Promise<{ readonly ids: readonly string[]; readonly next: string | null }> {
  const { projects, next } = await readPage<FeedAnswer>(stage, feed, { query })
  return { ids: projects.map(({ id }) => id), next }
}

/** What the log and the health say after a refresh that failed. */
async function failAndLook(stage: Stage): Promise<unknown> {
  const client = await stage.session('superuser')
  if (stage.isPlanned) {
    await client.query(`select planned.log_mv_refresh('mv_feed_projects')`)
    await client.query('refresh materialized view planned.mv_feed_projects with no data')
    const failed = await attempt(client, `select planned.log_mv_refresh('mv_feed_projects')`)
    const { rows } = await client.query<object>(
      `select bool_or(status = 'failed') as has_failure, bool_and(triggered_by is not null) as has_cause from planned.mv_refresh_log`,
    )
    return { hasFailed: failed !== null, log: rows }
  }
  await client.query(`
    update investor_requests set investment_focus = (select string_agg(gen_random_uuid()::text, '') from generate_series(1, 400))
    where id = (select id from investor_requests where status = 'approved' limit 1)`)
  await stage.drain()
  const { rows } = await client.query<object>(
    `select bool_or(status = 'failed') as has_failure, bool_and(triggered_by is not null) as has_cause from mv_refresh_log`,
  )
  const { status } = await readHealth(client)
  await client.query(
    `update investor_requests set investment_focus = 'rivers' where length(investment_focus) > 1000`,
  )
  return { hasFailed: status === 'failing', log: rows }
}

/** The plan's Python, as what it asks of the database. */
export const APPLICATION_CODE: readonly Defect[] = [
  {
    id: 'B30',
    what: 'flags of the viewer are written into the view',
    planned: FEED,
    play: fillFlags,
    asPlanned: '42809',
    ours: [true],
  },
  {
    id: 'B31',
    what: 'a stranger cannot open the feed: a name that nobody has defined',
    planned: `${FEED}; ${UNDEFINED_USER}`,
    play: openAsStranger,
    asPlanned: '42703',
    ours: false,
  },
  {
    id: 'B32',
    what: 'a parameter without a type',
    planned: plannedViews('mv_search_index'),
    play: searchAllKinds,
    asPlanned: '42P18',
    ours: [true],
  },
  {
    id: 'B33',
    what: 'reading makes a row, twice, and of zeros',
    planned: COUNTERS,
    play: openTwice,
    asPlanned: { created: [null, '23505'], shown: [{ unread_messages: 0 }] },
    ours: { created: [], shown: [{ unread_messages: 1 }] },
  },
  {
    id: 'B33',
    what: 'pages by OFFSET repeat a row when the list moves',
    planned: FEED,
    play: turnThePage,
    asPlanned: 1,
    ours: 0,
  },
  {
    id: 'B34',
    what: 'the log knows no failure and no cause',
    planned: `${FEED}; ${BASIC_LOG}`,
    play: failAndLook,
    asPlanned: { hasFailed: true, log: [{ has_failure: false, has_cause: false }] },
    ours: { hasFailed: true, log: [{ has_failure: true, has_cause: true }] },
  },
]
