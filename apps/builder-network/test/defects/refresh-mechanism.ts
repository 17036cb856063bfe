import {
  ADA,
  attempt,
  badge,
  BOB,
  endedOrBlocked,
  investor,
  post,
  PROJECT,
  steps,
  vote,
  type Defect,
  type Stage,
} from './defect.ts'
import { plannedView, plannedViews } from './planned.sql.ts'

const FEED = plannedViews('mv_feed_projects')
const ups = `select upvote_count::int from mv_feed_projects where id = ${PROJECT}`

/** Two vote at once, and both commit. */
async function overlap(stage: Stage): Promise<unknown> {
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query(post())
  await first.query('begin')
  await first.query(vote(true, ADA))
  const other = second.query(vote(true, BOB))
  await endedOrBlocked(stage, second, other)
  await first.query('commit')
  await other
  await stage.drain()
  return (await first.query<object>(ups)).rows
}

/** Somebody votes and forgets to commit; somebody else votes. */
async function forget(stage: Stage): Promise<unknown> {
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query(post())
  await first.query('begin')
  await first.query(vote(true, ADA))
  await second.query(`set lock_timeout = '100ms'`)
  return await attempt(second, vote(true, BOB))
}

/** One votes and changes a profile, another changes a profile and votes: other votes and other profiles. */
async function cross(stage: Stage): Promise<unknown> {
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query(post())
  for (const it of [first, second]) await it.query('begin')
  const rename = (id: string) => `update users set bio = 'changed' where id = ${id}`
  await first.query(vote(true, ADA))
  await second.query(rename(BOB))
  const last = attempt(first, rename(ADA))
  await endedOrBlocked(stage, first, last)
  const failed = [
    await attempt(second, vote(true, BOB)),
    await second.query('commit').then(() => null),
    await last,
  ]
  return failed.filter((it) => it !== null)
}

/** How many rows one vote writes and how many it computes. */
async function cost(stage: Stage): Promise<unknown> {
  const client = await stage.session('superuser')
  await client.query(post())
  await stage.drain()
  const stored = stage.isPlanned ? 'planned.mv_feed_projects' : 'millrace.mv_feed_projects_v1'
  const versions = async () =>
    new Map(
      (
        await client.query<{ id: string; xmin: string }>(`select id, xmin::text as xmin from ${stored}`)
      ).rows.map((it) => [it.id, it.xmin]),
    )
  const before = await versions()
  await client.query(vote())
  const { units } = await stage.drain()
  const after = await versions()
  const written = [...after].filter(([id, xmin]) => before.get(id) !== xmin).length
  if (!stage.isPlanned)
    return { written, computed: units > 0 && units < after.size / 2 ? 'the project and its author' : 'all' }
  return { written: written === after.size ? 'all' : written, computed: 'all' }
}

/** Counts what a statement that changes nothing sets in motion. */
async function changeNothing(stage: Stage): Promise<unknown> {
  const client = await stage.session()
  await client.query(post())
  await stage.drain()
  const refreshes = async () =>
    stage.isPlanned
      ? Number((await client.query<{ n: string }>('select count(*) as n from planned.refreshes')).rows[0]?.n)
      : (await stage.drain()).units
  const before = stage.isPlanned ? await refreshes() : 0
  await client.query(`update projects set proof_score = proof_score where false`)
  return (await refreshes()) - before
}

/** The same row, refreshed by somebody in Tokyo and by somebody in Los Angeles. */
async function travel(stage: Stage): Promise<unknown> {
  const client = await stage.session()
  await client.query(post())
  const scores: number[] = []
  for (const zone of ['Asia/Tokyo', 'America/Los_Angeles']) {
    await client.query(`set time zone '${zone}'`)
    await client.query(`update projects set title = '${zone}' where id = ${PROJECT}`)
    await stage.drain()
    const { rows } = await client.query<{ score: number }>(
      `select trending_score::float8 as score from mv_feed_projects where id = ${PROJECT}`,
    )
    scores.push(rows[0]?.score ?? Number.NaN)
  }
  const [tokyo = 0, angeles = 0] = scores
  return Math.abs(Math.round((tokyo - angeles) * 10) / 10) > 0.5 ? 'two scores' : 'one score'
}

/** New catalogue rows in the transaction of a vote. */
async function churn(stage: Stage): Promise<unknown> {
  const client = await stage.session('superuser')
  await client.query(post())
  await client.query('begin')
  const made = async () =>
    Number(
      (
        await client.query<{ n: string }>(
          `select n_tup_ins as n from pg_stat_xact_sys_tables where relid = 'pg_class'::regclass`,
        )
      ).rows[0]?.n,
    )
  const before = await made()
  await client.query(vote())
  const after = await made()
  await client.query('commit')
  return after > before
}

/** A column of a source gets another type. Rolled back, for others need the column as it is. */
async function retype(stage: Stage): Promise<unknown> {
  const client = await stage.session('superuser')
  await client.query('begin')
  if (!stage.isPlanned) await client.query(`select millrace.release('public.users', 'bio')`)
  const failed = await attempt(client, 'alter table users alter column bio type varchar(500)')
  const written = failed ?? (await attempt(client, `update users set bio = 'short' where id = ${ADA}`))
  await client.query('rollback')
  return written
}

/** Locks, costs and failures of refreshing within the write. */
export const REFRESH_MECHANISM: readonly Defect[] = [
  {
    id: 'B1',
    what: 'a view without a unique index: no project can be posted',
    planned: plannedView('mv_search_index', {
      query: `select 'project' as result_type, id, title as name from projects`,
      unique: null,
      on: { projects: 'insert or update' },
    }),
    play: steps([post()], `select name from mv_search_index where id = ${PROJECT}`),
    asPlanned: { fails: '55000' },
    ours: [{ name: 'one' }],
  },
  {
    id: 'B2',
    what: 'of two votes at once one is lost',
    planned: FEED,
    play: overlap,
    asPlanned: [{ upvote_count: 1 }],
    ours: [{ upvote_count: 2 }],
  },
  {
    id: 'B3',
    what: 'one forgotten transaction stops all voting',
    planned: FEED,
    play: forget,
    asPlanned: '55P03',
    ours: null,
  },
  {
    id: 'B4',
    what: 'every vote costs what the whole view costs',
    planned: FEED,
    play: cost,
    asPlanned: { written: 'all', computed: 'all' },
    ours: { written: 1, computed: 'the project and its author' },
  },
  {
    id: 'B5',
    what: 'two who touch two views in another order deadlock',
    planned: plannedViews('mv_feed_projects', 'mv_search_index'),
    play: cross,
    asPlanned: ['40P01'],
    ours: [],
  },
  {
    id: 'B6',
    what: 'who does not own the view cannot write',
    planned: FEED,
    play: async (stage) => {
      const client = await stage.session('writer')
      return await attempt(client, post())
    },
    asPlanned: '42501',
    ours: null,
  },
  {
    id: 'B7',
    what: 'what cannot be refreshed cannot be written',
    planned: `${plannedViews('mv_investors_directory')}; refresh materialized view planned.mv_investors_directory with no data`,
    // Here the stored row does not fit into an index of the read model: the worker's business, and it sets the key aside.
    play: async (stage) => {
      const client = await stage.session()
      await client.query(investor('pending'))
      const failed = await attempt(
        client,
        `update investor_requests set status = 'approved',
           investment_focus = (select string_agg(gen_random_uuid()::text, '') from generate_series(1, 400))`,
      )
      if (!stage.isPlanned) {
        await stage.drain().catch(() => undefined)
        await client.query(`update investor_requests set investment_focus = 'rivers'`)
        await client.query(`update investor_requests set status = 'pending' where user_id not in (${ADA})`)
      }
      return failed
    },
    asPlanned: '0A000',
    ours: null,
  },
  {
    id: 'B8',
    what: 'a statement that reads the view cannot write',
    planned: FEED,
    play: steps(
      [
        post(),
        `insert into upvotes (user_id, project_id) select ${BOB}, ${PROJECT} from mv_feed_projects limit 1`,
      ],
      ups,
    ),
    asPlanned: { fails: '55006' },
    ours: [{ upvote_count: 1 }],
  },
  {
    id: 'B9',
    what: 'a statement that changes no row refreshes five views',
    planned: plannedViews(
      ...(['mv_feed_projects', 'mv_leaderboard_projects', 'mv_leaderboard_builders'] as const),
      ...(['mv_project_details', 'mv_search_index'] as const),
    ),
    play: changeNothing,
    asPlanned: 5,
    ours: 0,
  },
  {
    id: 'B10',
    what: 'with its age stored, every row is written at each refresh',
    planned: FEED,
    play: async (stage) => ((await cost(stage)) as { readonly written: unknown }).written,
    asPlanned: 'all',
    ours: 1,
  },
  {
    id: 'B11',
    what: 'the score depends on the time zone of whoever was last',
    planned: FEED,
    play: travel,
    asPlanned: 'two scores',
    ours: 'one score',
  },
  {
    id: 'B12',
    what: 'every write makes a table and throws it away',
    planned: FEED,
    play: churn,
    asPlanned: true,
    ours: false,
  },
  {
    id: 'B13',
    what: 'a view does not let go of a column',
    planned: `create materialized view planned.people as select id, bio from users`,
    play: retype,
    asPlanned: '0A000',
    ours: null,
  },
  {
    id: 'B14',
    what: 'a table that is emptied stays in the view',
    planned: FEED,
    play: steps(
      [post(), badge, 'truncate validation_badges'],
      `select badge_count::int from mv_feed_projects where id = ${PROJECT}`,
    ),
    asPlanned: [{ badge_count: 1 }],
    ours: [{ badge_count: 0 }],
  },
]
