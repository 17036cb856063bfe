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
} from './defect.ts'
import { plannedViews, type PlannedView } from './planned.sql.ts'

const scored = `update projects set proof_score = 100000 where id = ${PROJECT}`
const of = (view: PlannedView, columns: string, where = `id = ${PROJECT}`) =>
  `select ${columns} from ${view} where ${where}`

interface Unseen {
  readonly id: Defect['id']
  readonly what: string
  readonly view: PlannedView
  readonly steps: readonly string[]
  readonly columns: string
  readonly where?: string
  readonly asPlanned: readonly object[]
  readonly ours: readonly object[]
}

const UNSEEN: readonly Unseen[] = [
  {
    id: 'B15',
    what: 'a vote that turns from up to down',
    view: 'mv_feed_projects',
    steps: [post(), vote(), `update upvotes set is_upvote = false where project_id = ${PROJECT}`],
    columns: 'upvote_count::int',
    asPlanned: [{ upvote_count: 1 }],
    ours: [{ upvote_count: 0 }],
  },
  {
    id: 'B15',
    what: 'a vote on a post that turns',
    view: 'mv_chain_posts',
    steps: [
      chain(),
      chainPost,
      `insert into chain_post_votes (post_id, user_id) values (${POST}, ${BOB})`,
      `update chain_post_votes set is_upvote = false where post_id = ${POST}`,
    ],
    columns: 'upvote_count::int',
    where: `id = ${POST}`,
    asPlanned: [{ upvote_count: 1 }],
    ours: [{ upvote_count: 0 }],
  },
  {
    id: 'B16',
    what: 'a new project has no page',
    view: 'mv_project_details',
    steps: [post()],
    columns: 'title',
    asPlanned: [],
    ours: [{ title: 'one' }],
  },
  {
    id: 'B16',
    what: 'votes and comments do not reach the page of the project',
    view: 'mv_project_details',
    steps: [post(), `update projects set title = 'once more' where id = ${PROJECT}`, vote(), comment(ONE)],
    columns: 'vote_count::int, comment_count::int',
    asPlanned: [{ vote_count: 0, comment_count: 0 }],
    ours: [{ vote_count: 1, comment_count: 1 }],
  },
  {
    id: 'B17',
    what: 'a hidden project keeps its rank',
    view: 'mv_leaderboard_projects',
    steps: [post(), scored, `update projects set is_deleted = true where id = ${PROJECT}`],
    columns: 'rank::int',
    asPlanned: [{ rank: 1 }],
    ours: [],
  },
  {
    id: 'B17',
    what: 'a deleted project keeps its rank',
    view: 'mv_leaderboard_projects',
    steps: [post(), scored, `delete from projects where id = ${PROJECT}`],
    columns: 'rank::int',
    asPlanned: [{ rank: 1 }],
    ours: [],
  },
  {
    id: 'B17',
    what: 'a project that comes with a score is not ranked',
    view: 'mv_leaderboard_projects',
    steps: [post(100_000)],
    columns: 'rank::int',
    asPlanned: [],
    ours: [{ rank: 1 }],
  },
  {
    id: 'B17',
    what: 'votes, comments and a badge that is taken back do not reach the leaderboard',
    view: 'mv_leaderboard_projects',
    steps: [post(), badge, vote(), comment(TWO), `delete from validation_badges where id = ${ONE}`],
    columns: 'vote_count::int, comment_count::int, badge_count::int',
    asPlanned: [{ vote_count: 0, comment_count: 0, badge_count: 1 }],
    ours: [{ vote_count: 1, comment_count: 1, badge_count: 0 }],
  },
  {
    id: 'B17',
    what: 'somebody who is deactivated stays first',
    view: 'mv_leaderboard_builders',
    steps: [post(), scored, `update users set is_active = false where id = ${ADA}`],
    columns: 'rank::int',
    where: `id = ${ADA}`,
    asPlanned: [{ rank: 1 }],
    ours: [],
  },
  {
    id: 'B18',
    what: 'who has just signed up is not found',
    view: 'mv_search_index',
    steps: [],
    columns: 'name',
    where: `id = ${ADA}`,
    asPlanned: [],
    ours: [{ name: 'ada' }],
  },
  {
    id: 'B18',
    what: 'a deleted project is found',
    view: 'mv_search_index',
    steps: [post(), `delete from projects where id = ${PROJECT}`],
    columns: 'name',
    asPlanned: [{ name: 'one' }],
    ours: [],
  },
  {
    id: 'B18',
    what: 'followers do not make a chain more relevant',
    view: 'mv_search_index',
    steps: [chain(), `insert into chain_followers (chain_id, user_id) values (${CHAIN}, ${BOB})`],
    columns: 'relevance_score::int',
    where: `id = ${CHAIN}`,
    asPlanned: [{ relevance_score: 0 }],
    ours: [{ relevance_score: 1 }],
  },
  {
    id: 'B19',
    what: 'badges and comments that are taken back stay in the feed',
    view: 'mv_feed_projects',
    steps: [
      post(),
      badge,
      comment(ONE),
      comment(TWO),
      `delete from validation_badges where id = ${ONE}`,
      `delete from comments where id = ${ONE}`,
      `update comments set is_deleted = true where id = ${TWO}`,
    ],
    columns: 'badge_count::int, comment_count::int',
    asPlanned: [{ badge_count: 1, comment_count: 2 }],
    ours: [{ badge_count: 0, comment_count: 0 }],
  },
  {
    id: 'B21',
    what: 'a hidden post counts in its chain',
    view: 'mv_chains_discovery',
    steps: [chain(), chainPost, `update chain_posts set is_deleted = true where id = ${POST}`],
    columns: 'post_count::int',
    where: `id = ${CHAIN}`,
    asPlanned: [{ post_count: 1 }],
    ours: [{ post_count: 0 }],
  },
  {
    id: 'B22',
    what: 'an investor who comes approved is not listed',
    view: 'mv_investors_directory',
    steps: [investor('approved')],
    columns: 'company_name',
    where: `user_id = ${ADA}`,
    asPlanned: [],
    ours: [{ company_name: 'First' }],
  },
  {
    id: 'B22',
    what: 'a company that changes its name keeps the old one',
    view: 'mv_investors_directory',
    steps: [
      investor('pending'),
      `update investor_requests set status = 'approved' where id = ${ONE}`,
      `update investor_requests set company_name = 'Second' where id = ${ONE}`,
    ],
    columns: 'company_name',
    where: `user_id = ${ADA}`,
    asPlanned: [{ company_name: 'First' }],
    ours: [{ company_name: 'Second' }],
  },
  {
    id: 'B22',
    what: 'an investor whose request is deleted stays listed',
    view: 'mv_investors_directory',
    steps: [
      investor('pending'),
      `update investor_requests set status = 'approved' where id = ${ONE}`,
      `delete from investor_requests where id = ${ONE}`,
    ],
    columns: 'company_name',
    where: `user_id = ${ADA}`,
    asPlanned: [{ company_name: 'First' }],
    ours: [],
  },
]

const NAMED: readonly (readonly [PlannedView, string, string])[] = [
  ['mv_feed_projects', 'username', `id = ${PROJECT}`],
  ['mv_leaderboard_projects', 'username', `id = ${PROJECT}`],
  ['mv_leaderboard_builders', 'username', `id = ${ADA}`],
  ['mv_chains_discovery', 'creator_username', `id = ${CHAIN}`],
  ['mv_chain_posts', 'author_username', `id = ${POST}`],
  ['mv_investors_directory', 'username', `user_id = ${ADA}`],
  ['mv_project_details', 'username', `id = ${PROJECT}`],
]

/** Somebody who is everywhere takes another name. */
const renamed: Defect = {
  id: 'B20',
  what: 'who takes another name keeps the old one in seven places',
  planned: plannedViews(...NAMED.map(([view]) => view)),
  play: steps(
    [
      ...[post(), scored, chain(), chainPost, addToChain],
      ...[investor('pending'), `update investor_requests set status = 'approved' where id = ${ONE}`],
      `update users set username = 'lovelace' where id = ${ADA}`,
    ],
    NAMED.map(([view, column, where]) => `select ${column} as name from ${view} where ${where}`).join(
      ' union all ',
    ),
  ),
  asPlanned: NAMED.map(() => ({ name: 'ada' })),
  ours: NAMED.map(() => ({ name: 'lovelace' })),
}

/** Events that no trigger of the plan sees. */
export const UNSEEN_EVENTS: readonly Defect[] = [
  ...UNSEEN.map(({ view, columns, where, steps: taken, ...it }) => ({
    ...it,
    planned: plannedViews(view),
    play: steps(taken, of(view, columns, where)),
  })),
  renamed,
]
