import { readModel, sql } from 'millrace'
import { z } from 'zod'

export const investorRow = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  status: z.literal('approved'),
  created_at: z.iso.datetime(),
  approved_at: z.iso.datetime().nullable(),
  username: z.string(),
  profile_image: z.string().nullable(),
  bio: z.string().nullable(),
  company_name: z.string().nullable(),
  investment_focus: z.string().nullable(),
  ticket_size: z.string().nullable(),
  portfolio_url: z.string().nullable(),
  linkedin_url: z.string().nullable(),
  intro_requests_sent: z.number(),
  intros_approved: z.number(),
})

/** Investors whose request was approved. Addresses are nobody else's business, so there are none. */
export const investors = readModel('mv_investors_directory', {
  key: 'id',
  freshness: 'eventual',
  query: sql<z.infer<typeof investorRow>>`
    select r.id, r.user_id, r.status, r.created_at, r.approved_at, u.username, u.profile_image, u.bio,
           r.company_name, r.investment_focus, r.ticket_size, r.portfolio_url, r.linkedin_url,
           (select count(*) from intro_requests i where i.investor_id = r.user_id) as intro_requests_sent,
           (select count(*) from intro_requests i where i.investor_id = r.user_id and i.status = 'approved') as intros_approved
    from investor_requests r
    join users u on u.id = r.user_id
    where r.status = 'approved'`,
  indexes: [
    { name: 'idx_mv_investors_id', columns: ['id'], unique: true },
    { name: 'idx_mv_investors_user', columns: ['user_id'] },
    { name: 'idx_mv_investors_focus', columns: ['investment_focus', 'approved_at desc', 'id'] },
    { name: 'idx_mv_investors_approved', columns: ['approved_at desc', 'id'] },
  ],
})
