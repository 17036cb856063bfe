import type pg from 'pg'
import { tick, type Tick } from './tick.ts'

const PART = 'Real-time: right at the commit, without a worker'

interface RealTime {
  readonly what: string
  readonly write: string
  /** A number, which the write raises. */
  readonly read: string
  readonly by: number
}

const CASES: readonly RealTime[] = [
  {
    what: 'user dashboard stats: a project is posted',
    write: `insert into projects (user_id, title) values ($1, 'accepted')`,
    read: `select active_projects::int as n from user_dashboard_stats where user_id = $1`,
    by: 1,
  },
  {
    what: 'message conversations: a message comes',
    write: `insert into direct_messages (sender_id, recipient_id, message)
            select id, $1, 'hello' from users where id <> $1 order by id limit 1`,
    read: `select coalesce(sum(total_messages), 0)::int as n from message_conversations_denorm_strict where user_id = $1`,
    by: 1,
  },
  {
    what: 'intro request stats: an investor asks',
    write: `insert into intro_requests (investor_id, builder_id)
            select id, $1 from users where id <> $1 order by id limit 1`,
    read: `select pending_requests::int as n from intro_request_stats where user_id = $1`,
    by: 1,
  },
  {
    what: 'unread counts: a message and a notification come',
    write: `with message as (
              insert into direct_messages (sender_id, recipient_id, message)
              select id, $1, 'hello' from users where id <> $1 order by id limit 1)
            insert into notifications (user_id, type, message) values ($1, 'vote', 'a vote')`,
    read: `select (unread_messages + unread_notifications)::int as n from user_dashboard_stats where user_id = $1`,
    by: 2,
  },
]

/** The four of the plan. */
export async function realTime(client: pg.Client, user: string): Promise<readonly Tick[]> {
  const ticks: Tick[] = []
  for (const { what, write, read, by } of CASES) {
    ticks.push(
      await tick(PART, what, `+${String(by)}`, async () => {
        const before = await numberOf(client, read, user)
        await client.query(write, [user])
        return { found: `+${String((await numberOf(client, read, user)) - before)}` }
      }),
    )
  }
  return ticks
}

async function numberOf(client: pg.Client, read: string, user: string): Promise<number> {
  return (await client.query<{ n: number }>(read, [user])).rows[0]?.n ?? 0
}
