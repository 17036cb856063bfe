import { readModel, sql } from 'millrace'
import { z } from 'zod'

export const introsRow = z.object({
  user_id: z.string(),
  pending_requests: z.number(),
  approved_requests: z.number(),
  rejected_requests: z.number(),
  sent_requests: z.number(),
})

/** How many introductions each user was asked for, as a builder, by what became of them; and asked for, as an investor. */
export const intros = readModel('intro_request_stats', {
  key: 'user_id',
  freshness: 'immediate',
  query: sql<z.infer<typeof introsRow>>`
    select u.id as user_id,
           (select count(*) from intro_requests i where i.builder_id = u.id and i.status = 'pending') as pending_requests,
           (select count(*) from intro_requests i where i.builder_id = u.id and i.status = 'approved') as approved_requests,
           (select count(*) from intro_requests i where i.builder_id = u.id and i.status = 'rejected') as rejected_requests,
           (select count(*) from intro_requests i where i.investor_id = u.id) as sent_requests
    from users u`,
  indexes: [
    {
      name: 'idx_intro_stats_pending',
      columns: ['user_id', 'pending_requests'],
      where: 'pending_requests > 0',
    },
  ],
})
