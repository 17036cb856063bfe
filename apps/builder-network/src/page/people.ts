import type { Hono } from 'hono'
import type pg from 'pg'

/** What the page shows of one person. */
interface Person {
  /** The row of the read model: `user_id`, and the counters in their order. */
  readonly dashboard: Readonly<Record<string, number | string>>
  readonly inbox: readonly Conversation[]
}

interface Conversation {
  readonly id: string
  readonly name: string
  readonly text: string
  readonly isOwn: boolean
  readonly unread: number
  readonly total: number
}

const MOST_KARMA = `
  select u.id, u.username
  from user_dashboard_stats d join users u on u.id = d.user_id
  order by d.karma_score desc, u.id
  limit 8`

/** As JSON, for the driver gives a bigint as text. */
const DASHBOARD = `select to_json(d) as dashboard from user_dashboard_stats d where d.user_id = $1`

/** Read strictly: it has all that is committed, whatever the worker has still to do. */
const INBOX = `
  select c.id, u.username as name, c.last_message_text as text, c.last_sender_id = c.user_id as "isOwn",
         c.unread_count::int as unread, c.total_messages::int as total
  from message_conversations_denorm_strict c join users u on u.id = c.other_user_id
  where c.user_id = $1
  order by c.last_message_time desc, c.id
  limit 5`

const READ_ALL = `
  with read_messages as (update direct_messages set is_read = true where recipient_id = $1 and not is_read)
  update notifications set is_read = true where user_id = $1 and not is_read`

/** Those of whom the page can show the dashboard. */
export async function listPeople(pool: pg.Pool): Promise<readonly { id: string; username: string }[]> {
  return (await pool.query<{ id: string; username: string }>(MOST_KARMA)).rows
}

export async function readPerson(pool: pg.Pool, id: string): Promise<Person | undefined> {
  const { rows } = await pool.query<Pick<Person, 'dashboard'>>(DASHBOARD, [id])
  return rows[0] && { ...rows[0], inbox: (await pool.query<Conversation>(INBOX, [id])).rows }
}

/** The dashboard and the inbox of a person. Who marks everything as read finds it counted in the answer. */
export function addPeople(app: Hono, pool: pg.Pool): void {
  app.get('/people/:id{[0-9a-f-]{36}}/dashboard.json', async (context) => {
    const person = await readPerson(pool, context.req.param('id'))
    return person === undefined ? context.notFound() : context.json(person)
  })
  app.post('/people/:id{[0-9a-f-]{36}}/reads', async (context) => {
    const id = context.req.param('id')
    await pool.query(READ_ALL, [id])
    const person = await readPerson(pool, id)
    return person === undefined ? context.notFound() : context.json(person)
  })
}
