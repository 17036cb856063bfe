import type { Definable } from 'millrace'
import * as models from '../models/index.ts'
import { nightlyVerification } from '../models/nightly.ts'

/** One of the five weeks in which the plan is carried out: what it adds to what those before have made. */
export interface Phase {
  readonly name: string
  readonly extensions: readonly string[]
  /**
   * Of the base tables. The plan makes all of them in its fourth week; those that a read model looks rows up by come with it here, for without
   * them each change would read whole tables.
   */
  readonly indexes: readonly string[] | 'the rest'
  readonly define: readonly Definable[]
}

const { activity, intros, unread, conversations, dashboardStats, dashboardStatsStrict } = models
const { feed, projectRanks, builderRanks, projectLeaderboard, builderLeaderboard, chains, projectDetails } =
  models
const { searchIndex, chainPosts, investors } = models

const EARLIER = [
  ...[
    activity,
    intros,
    unread,
    conversations,
    dashboardStats,
    dashboardStatsStrict,
    feed,
    projectRanks,
    builderRanks,
  ],
  ...[projectLeaderboard, builderLeaderboard, chains, projectDetails, searchIndex, chainPosts, investors],
]

export const PHASES: readonly Phase[] = [
  {
    name: 'what people must see at once',
    extensions: [],
    indexes: [
      ...['projects_user_id', 'idx_comments_user', 'idx_badges_project', 'idx_badges_validator'],
      ...['idx_intro_requests_builder_status', 'idx_intro_requests_investor'],
      ...['direct_messages_recipient', 'idx_notifications_user_created'],
    ],
    define: [activity, intros, unread, conversations, dashboardStats, dashboardStatsStrict],
  },
  {
    name: 'the feed, the leaderboards, chains and the pages of projects',
    extensions: [],
    indexes: [
      ...['upvotes_project_id', 'idx_comments_project_parent', 'idx_chains_creator'],
      ...['chain_projects_project_id', 'chain_posts_chain_id', 'chain_posts_created_at'],
    ],
    define: [
      feed,
      projectRanks,
      builderRanks,
      projectLeaderboard,
      builderLeaderboard,
      chains,
      projectDetails,
    ],
  },
  {
    name: 'the search, the forums and the investors',
    extensions: ['pg_trgm'],
    indexes: ['idx_chain_posts_author', 'chain_post_comments_post_id', 'idx_investor_requests_user'],
    define: [searchIndex, chainPosts, investors],
  },
  { name: 'the other indexes of the base tables', extensions: [], indexes: 'the rest', define: [] },
  {
    name: 'pages that the plan names, the log, and verification each night',
    extensions: [],
    indexes: [],
    // Whatever is declared and not among the phases before.
    define: [...Object.values<Definable>({ ...models }).filter((it) => !isEarlier(it)), nightlyVerification],
  },
]

function isEarlier(it: Definable): boolean {
  return EARLIER.some((other) => other === it)
}
