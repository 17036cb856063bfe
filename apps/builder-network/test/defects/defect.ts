import pg from 'pg'
import type { InstalledModel } from '../../../../src/work/model.ts'
import { withClient } from '../../src/database.ts'
import { idOf } from '../../src/rows/ids.ts'

/** A defect of the plan. The same is played on what the plan has and on what stands here. */
export interface Defect {
  /** In the list of the plan's defects. */
  readonly id: `B${number}`
  readonly what: string
  /** What of the plan is rebuilt. */
  readonly planned: string
  readonly play: Play
  readonly asPlanned: unknown
  readonly ours: unknown
}

export type Play = (stage: Stage) => Promise<unknown>

/** Where it is played: a database, in which names of the plan's objects mean its own or ours. */
export interface Stage {
  readonly isPlanned: boolean
  /** A session as the application, which is closed at the end. */
  readonly session: (role?: 'writer' | 'superuser') => Promise<pg.Client>
  /** Brings eventual read models up to date; the plan has nothing to wait for. */
  readonly drain: () => Promise<{ readonly units: number }>
  /** Our read models, on either stage. */
  readonly models: () => readonly InstalledModel[]
  readonly url: (role: 'writer' | 'owner' | 'worker' | 'superuser') => string
}

// Of letters that the generator does not use.
const literal = (letter: string, index: number) => `'${idOf(letter, index)}'`
export const [ADA, BOB, PROJECT, CHAIN, POST, ONE, TWO] = [1, 2, 3, 4, 5, 6, 7].map((i) =>
  literal('0', i),
) as [string, string, string, string, string, string, string]

export const PEOPLE = `insert into users (id, username, email) values (${ADA}, 'ada', 'ada@example.org'), (${BOB}, 'bob', 'bob@example.org')`

export const post = (score = 10) =>
  `insert into projects (id, user_id, title, proof_score) values (${PROJECT}, ${ADA}, 'one', ${String(score)})`
export const vote = (isUp = true, by = BOB) =>
  `insert into upvotes (user_id, project_id, is_upvote) values (${by}, ${PROJECT}, ${String(isUp)})`
export const comment = (id: string, { parent = 'null', isDeleted = false } = {}) =>
  `insert into comments (id, project_id, user_id, parent_id, content, is_deleted)
   values (${id}, ${PROJECT}, ${BOB}, ${parent}, 'a comment', ${String(isDeleted)})`
export const badge = `insert into validation_badges (id, project_id, validator_id, badge_type) values (${ONE}, ${PROJECT}, ${BOB}, 'gold')`
export const chain = (isPublic = true) =>
  `insert into chains (id, creator_id, name, is_public) values (${CHAIN}, ${ADA}, 'a chain', ${String(isPublic)})`
export const chainPost = `insert into chain_posts (id, chain_id, author_id, title, content) values (${POST}, ${CHAIN}, ${ADA}, 'a post', '…')`
export const addToChain = `insert into chain_projects (chain_id, project_id) values (${CHAIN}, ${PROJECT})`
export const investor = (status: string, id = ONE) =>
  `insert into investor_requests (id, user_id, status, company_name) values (${id}, ${ADA}, '${status}', 'First')`
export const message = (
  id: string,
  text: string,
  { from = BOB, to = ADA, isRead = false, at = 'clock_timestamp()' } = {},
) =>
  `insert into direct_messages (id, sender_id, recipient_id, message, is_read, created_at)
   values (${id}, ${from}, ${to}, '${text}', ${String(isRead)}, ${at} at time zone 'utc')`
export const intro = (status: string) =>
  `insert into intro_requests (id, investor_id, builder_id, status) values (${ONE}, ${BOB}, ${ADA}, '${status}')`

/** Takes the steps one after the other, and then asks. A step that fails ends it: `{ fails: SQLSTATE }`. */
export function steps(all: readonly string[], ask: string): Play {
  return async ({ session, drain }) => {
    const client = await session()
    for (const step of all) {
      const failed = await attempt(client, step)
      if (failed !== null) return { fails: failed }
    }
    await drain()
    return (await client.query<Record<string, unknown>>(ask)).rows
  }
}

/** → SQLSTATE, or null where it succeeds */
export async function attempt(client: pg.Client, sql: string): Promise<string | null> {
  try {
    await client.query(sql)
    return null
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code !== undefined) return error.code
    throw error
  }
}

/** Returns as soon as the statement has ended, or waits for a lock. */
export async function endedOrBlocked(
  stage: Stage,
  client: pg.Client,
  running: Promise<unknown>,
): Promise<void> {
  let hasEnded = false
  const end = running.finally(() => {
    hasEnded = true
  })
  await withClient(stage.url('superuser'), async (observer) => {
    const { processID } = client as pg.Client & { readonly processID: number }
    for (;;) {
      const { rows } = await observer.query<{ blocked: boolean }>(
        `select exists (select from pg_locks where pid = $1 and not granted) as blocked, pg_sleep(0.005)`,
        [processID],
      )
      if (hasEnded || rows[0]?.blocked === true) return
    }
  })
  void end
}
