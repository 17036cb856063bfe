import { z } from 'zod'
import { action } from '../action.ts'
import { back } from './back.ts'

export const readNotifications = action({
  path: '/notifications/read',
  summary: 'Marks notifications of the viewer as read: one, or all',
  access: 'signed-in',
  params: z.object({}),
  body: z.object({ id: z.uuid().optional().describe('Absent: all of them'), back }),
  run: async ({ client, body: { id, back: to = '/notifications' }, viewer }) => {
    const { rowCount } = await client.query(
      'update notifications set is_read = true where user_id = $1 and not is_read and ($2::uuid is null or id = $2)',
      [viewer.id, id ?? null],
    )
    return { to, made: { read: rowCount ?? 0 } }
  },
})
