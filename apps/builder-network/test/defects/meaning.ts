import { project } from '../../src/web/pages/project.ts'
import { search } from '../../src/web/pages/search.ts'
import {
  ADA,
  addToChain,
  badge,
  BOB,
  chain,
  CHAIN,
  chainPost,
  comment,
  investor,
  ONE,
  post,
  POST,
  PROJECT,
  steps,
  TWO,
  vote,
  type Defect,
  type Play,
  type Stage,
} from './defect.ts'
import { readPage } from './read-page.ts'
import { COUNTERS, plannedViews } from './planned.sql.ts'

/** By how much a step moves the score of one row. */
function moves(first: readonly string[], step: string, ask: string): Play {
  return async ({ session, drain }) => {
    const client = await session()
    for (const it of first) await client.query(it)
    const scores: number[] = []
    for (const it of ['select 1', step]) {
      await client.query(it)
      await drain()
      const { rows } = await client.query<{ score: number }>(ask)
      scores.push(rows[0]?.score ?? Number.NaN)
    }
    const [before = 0, after = 0] = scores
    return Math.round((after - before) * 10) / 10
  }
}

/** As often as somebody is touched: where a row that is written anew comes to lie, and with it the plan's rank, is the server's affair. */
const TOUCHES = 5

/** Whether ranks change when nobody's karma does. */
const touchSomebody: Play = async ({ session, drain, isPlanned }) => {
  const client = await session()
  const ranks = async () =>
    new Map(
      (
        await client.query<{ id: string; rank: string }>('select id, rank from mv_leaderboard_builders')
      ).rows.map((it) => [it.id, it.rank]),
    )
  const refresh = async () => {
    if (isPlanned) await client.query('refresh materialized view planned.mv_leaderboard_builders')
    await drain()
  }
  await refresh()
  const before = await ranks()
  for (let i = 0; i < TOUCHES; i += 1) {
    await client.query(`
      update users set bio = 'touched ${String(i)}'
      where id in (select id from mv_leaderboard_builders where total_karma = 0 order by rank limit 5)`)
    await refresh()
    if ([...(await ranks())].some(([id, rank]) => before.get(id) !== rank)) return true
  }
  return false
}

interface Lists {
  readonly badges_json: readonly { readonly badge_type: string }[]
  readonly chains_json: readonly unknown[]
}

/** As the page of the project has them. */
async function listsOf(stage: Stage): Promise<Lists> {
  const answer = await readPage<{ readonly project: Lists }>(stage, project, {
    params: { id: PROJECT.slice(1, -1) },
  })
  const { badges_json, chains_json } = answer.project
  return { badges_json, chains_json }
}

/** By the page of the search. */
async function namesFound(stage: Stage, q: string): Promise<readonly { readonly name: string }[]> {
  const { results } = await readPage<{ readonly results: readonly { readonly name: string }[] }>(
    stage,
    search,
    {
      query: { q },
    },
  )
  return results.map(({ name }) => ({ name }))
}

/** What the plan counts and shows, where it is wrong or nobody's business. */
export const MEANING: readonly Defect[] = [
  {
    id: 'B23',
    what: 'a vote down raises a project',
    planned: plannedViews('mv_feed_projects'),
    play: moves(
      [post()],
      vote(false),
      `select trending_score::float8 as score from mv_feed_projects where id = ${PROJECT}`,
    ),
    asPlanned: 1.5,
    ours: -1.5,
  },
  {
    id: 'B23',
    what: 'a vote down raises a post',
    planned: plannedViews('mv_chain_posts'),
    play: moves(
      [chain(), chainPost],
      `insert into chain_post_votes (post_id, user_id, is_upvote) values (${POST}, ${BOB}, false)`,
      `select trending_score::float8 as score from mv_chain_posts where id = ${POST}`,
    ),
    asPlanned: 1.5,
    ours: -1.5,
  },
  {
    id: 'B24',
    what: 'the e-mail address of an investor is public',
    planned: plannedViews('mv_investors_directory'),
    play: steps(
      [investor('pending'), `update investor_requests set status = 'approved' where id = ${ONE}`],
      `select to_jsonb(i)::text like '%@%' as has_address from mv_investors_directory i where user_id = ${ADA}`,
    ),
    asPlanned: [{ has_address: true }],
    ours: [{ has_address: false }],
  },
  {
    id: 'B24',
    what: 'a private chain is public, with its posts and its projects',
    planned: plannedViews('mv_chains_discovery', 'mv_chain_posts', 'mv_project_details'),
    play: steps(
      [chain(false), chainPost, post(), addToChain],
      `select (select count(*)::int from mv_chains_discovery where id = ${CHAIN}) as chains,
              (select count(*)::int from mv_chain_posts where chain_id = ${CHAIN}) as posts,
              (select json_array_length(chains_json) from mv_project_details where id = ${PROJECT}) as of_project`,
    ),
    asPlanned: [{ chains: 1, posts: 1, of_project: 1 }],
    ours: [{ chains: 0, posts: 0, of_project: 0 }],
  },
  {
    id: 'B25',
    what: 'one word, counted in two ways that nobody wrote down, and what is deleted in both (docs/objects.md says which)',
    planned: plannedViews('mv_feed_projects', 'mv_leaderboard_projects'),
    play: steps(
      [
        ...[post(), comment(ONE), comment(TWO, { parent: ONE }), comment(POST, { isDeleted: true })],
        badge.replace(ONE, CHAIN),
      ],
      `select (select comment_count::int from mv_feed_projects where id = ${PROJECT}) as in_the_feed,
              (select comment_count::int from mv_leaderboard_projects where id = ${PROJECT}) as on_the_leaderboard`,
    ),
    asPlanned: [{ in_the_feed: 2, on_the_leaderboard: 3 }],
    ours: [{ in_the_feed: 1, on_the_leaderboard: 2 }],
  },
  {
    id: 'B26',
    what: 'karma has three homes, and each another number',
    planned: `${COUNTERS}; ${plannedViews('mv_leaderboard_builders')}`,
    play: async (stage) => {
      if (stage.isPlanned)
        await (
          await stage.session()
        ).query(`insert into user_dashboard_stats (user_id) values (${ADA}), (${BOB})`)
      return await steps(
        [post(10), badge, `update projects set proof_score = 15 where id = ${PROJECT}`],
        `select karma_score::int, total_proof_score::int,
                (select total_karma::int from mv_leaderboard_builders where id = ${ADA}) as total_karma
         from user_dashboard_stats where user_id = ${ADA}`,
      )(stage)
    },
    asPlanned: [{ karma_score: 0, total_proof_score: 10, total_karma: 15 }],
    ours: [{ karma_score: 15, total_proof_score: 15, total_karma: 15 }],
  },
  {
    id: 'B26',
    what: 'hidden projects make a person more relevant',
    planned: plannedViews('mv_search_index'),
    play: steps(
      [
        post(),
        `update projects set is_deleted = true where id = ${PROJECT}`,
        `update users set bio = 'once more' where id = ${ADA}`,
      ],
      `select relevance_score::int from mv_search_index where id = ${ADA}`,
    ),
    asPlanned: [{ relevance_score: 1 }],
    ours: [{ relevance_score: 0 }],
  },
  {
    id: 'B27',
    what: 'ranks change where no karma has',
    planned: plannedViews('mv_leaderboard_builders'),
    play: touchSomebody,
    asPlanned: true,
    ours: false,
  },
  {
    id: 'B28',
    what: 'who asks twice is listed twice',
    planned: plannedViews('mv_investors_directory'),
    play: steps(
      [
        ...[investor('pending'), investor('pending', TWO)],
        `update investor_requests set status = 'approved' where user_id = ${ADA}`,
      ],
      `select count(*)::int as listed from mv_investors_directory where user_id = ${ADA}`,
    ),
    asPlanned: [{ listed: 2 }],
    ours: { fails: '23505' },
  },
  {
    id: 'B29',
    what: 'a project without badges has no list of them, and one that is in no chain none of chains',
    planned: plannedViews('mv_project_details'),
    play: async (stage) => {
      const seen = await steps(
        [post(), `update projects set title = 'once more' where id = ${PROJECT}`],
        `select badges_json, chains_json from mv_project_details where id = ${PROJECT}`,
      )(stage)
      return stage.isPlanned ? seen : [await listsOf(stage)]
    },
    asPlanned: [{ badges_json: null, chains_json: null }],
    ours: [{ badges_json: [], chains_json: [] }],
  },
  {
    id: 'B29',
    what: 'a letter that is left out finds nothing, though names have trigrams',
    planned: plannedViews('mv_search_index'),
    play: async (stage) => {
      const found = await steps(
        [post().replace("'one'", "'Sensors'")],
        `select name from mv_search_index where search_vector @@ plainto_tsquery('english', 'sensrs')`,
      )(stage)
      return stage.isPlanned ? found : await namesFound(stage, 'sensrs')
    },
    asPlanned: [],
    ours: [{ name: 'Sensors' }],
  },
  {
    id: 'B29',
    what: 'badges come in the order in which they lie',
    planned: plannedViews('mv_project_details'),
    play: async (stage) => {
      const seen = await steps(
        [
          post(),
          `insert into validation_badges (id, project_id, validator_id, badge_type, created_at)
           values (${ONE}, ${PROJECT}, ${BOB}, 'gold', '2026-01-01'), (${TWO}, ${PROJECT}, ${BOB}, 'stone', '2026-02-01')`,
        ],
        `select badges_json #>> '{0,badge_type}' as first from mv_project_details where id = ${PROJECT}`,
      )(stage)
      if (stage.isPlanned) return seen
      const { badges_json } = await listsOf(stage)
      return [{ first: badges_json[0]?.badge_type }]
    },
    asPlanned: [{ first: 'gold' }],
    ours: [{ first: 'stone' }],
  },
]
