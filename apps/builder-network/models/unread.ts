import { readModel, sql } from 'millrace'
import { z } from 'zod'

export const unreadRow = z.object({
  user_id: z.string(),
  unread_messages: z.number(),
  unread_notifications: z.number(),
})

/** What waits to be read by each user: the hottest counters there are, kept by adding within the write itself. */
export const unread = readModel('unread_counts', {
  key: 'user_id',
  freshness: 'immediate',
  query: sql<z.infer<typeof unreadRow>>`
    select u.id as user_id,
           (select count(*) from direct_messages m where m.recipient_id = u.id and not m.is_read) as unread_messages,
           (select count(*) from notifications n where n.user_id = u.id and not n.is_read) as unread_notifications
    from users u`,
})
