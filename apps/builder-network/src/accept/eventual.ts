import { takeToken, waitFor } from 'millrace'
import type pg from 'pg'
import { inTransaction } from '../transaction.ts'
import { tick, type Tick } from './tick.ts'

const PART = 'Eventually consistent: seen within seconds, while a worker works'

interface Eventual {
  readonly what: string
  readonly write: string
  /** The read model that is to follow. */
  readonly model: string
  /** One boolean: the write is seen. */
  readonly seen: string
}

const NEW = `(select id from projects where title = 'accepted' order by created_at desc limit 1)`
const PUBLIC_CHAIN = `(select id from chains where is_public and is_active order by id limit 1)`
const INVESTOR = `(select user_id from investor_requests where status = 'approved' order by id limit 1)`

const CASES: readonly Eventual[] = [
  {
    what: 'feed: a vote',
    model: 'mv_feed_projects',
    write: `insert into upvotes (user_id, project_id) values ($1, ${NEW})`,
    seen: `select upvote_count = 1 as seen from mv_feed_projects where id = ${NEW} and $1::uuid is not null`,
  },
  {
    what: 'leaderboard of projects: a score',
    model: 'project_ranks',
    write: `update projects set proof_score = 1000000 where id = ${NEW} and user_id = $1`,
    seen: `select rank = 1 as seen from mv_leaderboard_projects where id = ${NEW} and $1::uuid is not null`,
  },
  {
    what: 'leaderboard of builders: karma',
    model: 'builder_ranks',
    write: `update projects set proof_score = 1000001 where id = ${NEW} and user_id = $1`,
    seen: `select rank = 1 as seen from mv_leaderboard_builders where id = $1`,
  },
  {
    what: 'chains: a follower',
    model: 'mv_chains_discovery',
    write: `insert into chain_followers (chain_id, user_id) values (${PUBLIC_CHAIN}, $1) on conflict do nothing`,
    seen: `select follower_count = (select count(*) from chain_followers where chain_id = ${PUBLIC_CHAIN}) as seen
           from mv_chains_discovery where id = ${PUBLIC_CHAIN} and $1::uuid is not null`,
  },
  {
    what: 'chain details and forums: a post',
    model: 'mv_chain_posts',
    write: `insert into chain_posts (chain_id, author_id, title, content) values (${PUBLIC_CHAIN}, $1, 'accepted', '…')`,
    seen: `select count(*) = 1 as seen from mv_chain_posts where author_id = $1 and title = 'accepted'`,
  },
  {
    what: 'investors directory: another company',
    model: 'mv_investors_directory',
    write: `update investor_requests set company_name = 'accepted' where user_id = ${INVESTOR} and $1::uuid is not null`,
    seen: `select company_name = 'accepted' as seen from mv_investors_directory where user_id = ${INVESTOR} and $1::uuid is not null`,
  },
  {
    what: 'project details: a comment',
    model: 'mv_project_details',
    write: `insert into comments (project_id, user_id, content) values (${NEW}, $1, 'well')`,
    seen: `select comment_count = 1 as seen from mv_project_details where id = ${NEW} and $1::uuid is not null`,
  },
  {
    what: 'search index: another title',
    model: 'mv_search_index',
    write: `update projects set description = 'zymurgy' where id = ${NEW} and user_id = $1`,
    seen: `select count(*) = 1 as seen from mv_search_index
           where search_vector @@ plainto_tsquery('english', 'zymurgy') and user_id = $1`,
  },
]

/** Longer than the plan promises: how long it took stands beside it. */
const PATIENCE_MS = 60_000

/** The eight views: a write, and how long it takes until it is seen. */
export async function eventual(client: pg.Client, user: string): Promise<readonly Tick[]> {
  const ticks: Tick[] = []
  for (const { what, write, model, seen } of CASES) {
    ticks.push(
      await tick(PART, what, 'seen', async () => {
        const token = await inTransaction(client, async () => {
          await client.query(write, [user])
          return await takeToken(client)
        })
        const startedAt = performance.now()
        await waitFor(client, token, { models: [model], timeoutMs: PATIENCE_MS })
        const ms = Math.round(performance.now() - startedAt)
        const { rows } = await client.query<{ seen: boolean }>(seen, [user])
        return { found: rows[0]?.seen === true ? 'seen' : 'not seen', ms }
      }),
    )
  }
  return ticks
}
