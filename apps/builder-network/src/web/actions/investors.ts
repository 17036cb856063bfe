import { z } from 'zod'
import { action } from '../action.ts'
import { Refusal } from '../refusal.ts'
import { shortText, webAddress } from './fields.ts'
import { notify } from './notify.ts'

const APPLY = `
  insert into investor_requests (user_id, company_name, investment_focus, ticket_size, portfolio_url, linkedin_url)
  select u.id, $2, $3, $4, $5, $6
  from users u
  where u.id = $1
    and not exists (select from investor_requests r where r.user_id = u.id and r.status in ('pending', 'approved'))
  returning id`

/** Who is listed may do from then on what investors may, and keeps the role of before with all that it may. */
const ANSWER = `
  update investor_requests
  set status = $2, approved_at = case when $2 = 'approved' then now() at time zone 'utc' end
  where id = $1 and status = 'pending'
  returning user_id`

export const applyAsInvestor = action({
  path: '/investors/apply',
  summary: 'Asks to be listed as an investor',
  access: 'signed-in',
  params: z.object({}),
  body: z.object({
    company_name: z.string().trim().min(1, 'say who you are').max(200),
    investment_focus: shortText,
    ticket_size: shortText,
    portfolio_url: webAddress,
    linkedin_url: webAddress,
  }),
  run: async ({ client, body, viewer }) => {
    // Two applications at once: the second waits here, and finds the first.
    await client.query('select from users where id = $1 for no key update', [viewer.id])
    const { rows } = await client.query<{ id: string }>(APPLY, [
      viewer.id,
      body.company_name,
      body.investment_focus,
      body.ticket_size,
      body.portfolio_url,
      body.linkedin_url,
    ])
    const [made] = rows
    if (made === undefined) {
      throw new Refusal(409, 'applied-already', 'You have applied already, or are listed.')
    }
    return { to: '/investors/apply', made: { id: made.id } }
  },
})

export const answerInvestor = action({
  path: '/admin/investors/:id/answer',
  summary: 'Lists somebody who has applied as an investor, or does not',
  access: 'admin',
  params: z.object({ id: z.uuid() }),
  body: z.object({ answer: z.enum(['approved', 'rejected']) }),
  run: async ({ client, params: { id }, body: { answer } }) => {
    const { rows } = await client.query<{ user_id: string }>(ANSWER, [id, answer])
    const [answered] = rows
    if (answered === undefined)
      throw new Refusal(404, 'not-found', 'There is no such application that waits.')
    await notify(client, {
      userId: answered.user_id,
      type: 'investor',
      message:
        answer === 'approved'
          ? 'You are listed as an investor now'
          : 'Your application as an investor was declined',
      link: '/investors/apply',
    })
    return { to: '/admin', changedUser: answered.user_id }
  },
})
