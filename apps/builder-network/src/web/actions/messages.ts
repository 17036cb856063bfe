import { z } from 'zod'
import { action } from '../action.ts'
import { Refusal } from '../refusal.ts'
import { username } from '../username.ts'
import { back } from './back.ts'

const params = z.object({ username })

const SEND = `
  insert into direct_messages (sender_id, recipient_id, message)
  select $1, u.id, $3
  from users u
  where lower(u.username) = lower($2) and u.is_active and u.id <> $1
  returning id`

const READ = `
  update direct_messages
  set is_read = true
  where recipient_id = $1 and not is_read
    and sender_id = (select id from users where lower(username) = lower($2))`

export const sendMessage = action({
  path: '/messages/:username',
  summary: 'Writes to somebody',
  access: 'signed-in',
  params,
  body: z.object({ message: z.string().trim().min(1, 'say something').max(5000) }),
  run: async ({ client, params: { username: to }, body: { message }, viewer }) => {
    const { rows } = await client.query<{ id: string }>(SEND, [viewer.id, to, message])
    const [sent] = rows
    if (sent === undefined) throw new Refusal(404, 'not-found', 'There is nobody of that name to write to.')
    return { to: `/messages/${encodeURIComponent(to)}`, made: { id: sent.id } }
  },
})

export const readMessages = action({
  path: '/messages/:username/read',
  summary: 'Marks what somebody has written to the viewer as read',
  access: 'signed-in',
  params,
  body: z.object({ back }),
  run: async ({ client, params: { username: from }, body, viewer }) => {
    const { rowCount } = await client.query(READ, [viewer.id, from])
    return { to: body.back ?? `/messages/${encodeURIComponent(from)}`, made: { read: rowCount ?? 0 } }
  },
})
