import { neededIndexes } from '../../../../src/doctor/needed-indexes.ts'
import { ADA, attempt, BOB, post, PROJECT, steps, vote, type Defect, type Stage } from './defect.ts'
import { COUNTERS } from './planned.sql.ts'

/** Columns by which read models look rows up and no index begins with. */
async function missingIndexes(stage: Stage): Promise<unknown> {
  const client = await stage.session('superuser')
  const catalog = {
    query: async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> =>
      (await client.query<Row & object>(text, [...(values ?? [])])).rows,
  }
  const missing = new Set<string>()
  for (const { plan } of stage.models()) {
    for (const { relation, columns, statement } of await neededIndexes(catalog, plan))
      if (statement !== null) missing.add(`${relation.name}.${columns.join('|')}`)
  }
  return [...missing].toSorted()
}

/** An index is made while somebody writes. */
async function indexWhileWriting(stage: Stage): Promise<unknown> {
  const [maker, writer] = [await stage.session('superuser'), await stage.session()]
  await writer.query(post())
  if (!stage.isPlanned) {
    const made = await attempt(maker, 'create index concurrently built_meanwhile on projects (title)')
    const written = await attempt(writer, `update projects set title = 'meanwhile' where id = ${PROJECT}`)
    await maker.query('drop index built_meanwhile')
    return made ?? written
  }
  await maker.query('begin')
  await maker.query('create index built_meanwhile on projects (title)')
  await writer.query(`set lock_timeout = '100ms'`)
  const written = await attempt(writer, `update projects set title = 'meanwhile' where id = ${PROJECT}`)
  await maker.query('rollback')
  return written
}

/** By which index a user's row is found, with and without the one that the plan makes for it. */
async function readWithout(stage: Stage): Promise<unknown> {
  const client = await stage.session('superuser')
  const table = stage.isPlanned ? 'planned.intro_request_stats' : 'millrace.intro_request_stats_v1'
  const index = stage.isPlanned ? 'planned.idx_intro_stats_pending' : 'millrace.idx_intro_stats_pending'
  await client.query('begin')
  await client.query('set local enable_seqscan = off')
  const plan = async () =>
    (
      await client.query<{ 'QUERY PLAN': string }>(
        `explain select pending_requests from ${table} where user_id = ${ADA} and pending_requests > 0`,
      )
    ).rows.some((it) => it['QUERY PLAN'].includes('Index'))
  const with_ = await plan()
  await client.query(`drop index ${index}`)
  const without = await plan()
  await client.query('rollback')
  return { with: with_, without }
}

/** Which of the pages that are only named have anything to show. */
const PAGES = ['admin_dashboard', 'investor_dashboard', 'validator_dashboard', 'public_profile'] as const

async function designed(stage: Stage): Promise<unknown> {
  const client = await stage.session()
  const found: string[] = []
  for (const name of PAGES)
    if ((await attempt(client, `select from ${name} limit 1`)) === null) found.push(name)
  return found
}

/** Indexes, and pages that are named and nothing more. */
export const OPERATIONS: readonly Defect[] = [
  {
    id: 'B46',
    what: 'the indexes that the views need are not among those of the plan',
    planned: '',
    play: missingIndexes,
    asPlanned: [
      'chain_post_comments.post_id',
      'chain_posts.chain_id',
      'chain_posts.created_at',
      'chain_projects.project_id',
      'direct_messages.recipient_id',
      'projects.user_id',
      'upvotes.project_id',
    ],
    ours: [],
  },
  {
    id: 'B47',
    what: 'an index that does not block writes blocks them',
    planned: '',
    play: indexWhileWriting,
    asPlanned: '55P03',
    ours: null,
  },
  {
    id: 'B47',
    what: 'somebody votes twice',
    planned: '',
    play: steps(
      [post(), vote(), vote()],
      `select count(*)::int as votes from upvotes where user_id = ${BOB}`,
    ),
    asPlanned: [{ votes: 2 }],
    ours: { fails: '23505' },
  },
  {
    id: 'B48',
    what: 'an index that repeats the key: its name is kept, and nothing depends on it',
    planned: `${COUNTERS}; create index idx_intro_stats_pending on planned.intro_request_stats (user_id, pending_requests) where pending_requests > 0`,
    play: readWithout,
    asPlanned: { with: true, without: true },
    ours: { with: true, without: true },
  },
  {
    id: 'B49',
    what: 'pages that are named and not designed',
    planned: '',
    play: designed,
    asPlanned: [],
    ours: PAGES,
  },
]
