import { readModel, sql } from 'millrace'
import { z } from 'zod'

export const conversationRow = z.object({
  id: z.string(),
  user_id: z.string(),
  other_user_id: z.string(),
  last_message_id: z.string(),
  last_message_text: z.string(),
  last_message_time: z.string(),
  last_sender_id: z.string(),
  unread_count: z.number().describe('Of those that the other has written'),
  total_messages: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
})

/**
 * The inbox: one row for each user and each other user they have written with, in either direction. `id` is made from
 * the two, so that a conversation keeps it for ever.
 */
export const conversations = readModel('message_conversations_denorm', {
  key: ['user_id', 'other_user_id'],
  freshness: 'eventual',
  query: sql<z.infer<typeof conversationRow>>`
    select md5(m.user_id::text || m.other_user_id::text)::uuid as id, m.user_id, m.other_user_id,
           (array_agg(m.id order by m.created_at desc, m.id desc))[1] as last_message_id,
           (array_agg(m.message order by m.created_at desc, m.id desc))[1] as last_message_text,
           max(m.created_at) as last_message_time,
           (array_agg(m.sender_id order by m.created_at desc, m.id desc))[1] as last_sender_id,
           count(*) filter (where m.is_unread) as unread_count,
           count(*) as total_messages,
           min(m.created_at) as created_at,
           max(m.created_at) as updated_at
    from (
      select recipient_id as user_id, sender_id as other_user_id, id, message, created_at, sender_id,
             not is_read as is_unread
      from direct_messages
      union all
      select sender_id, recipient_id, id, message, created_at, sender_id, false
      from direct_messages
    ) m
    group by m.user_id, m.other_user_id`,
  indexes: [
    { name: 'idx_conversations_user', columns: ['user_id', 'last_message_time desc'] },
    { name: 'idx_conversations_unread', columns: ['user_id', 'unread_count'], where: 'unread_count > 0' },
  ],
})
