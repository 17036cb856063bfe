import { z } from 'zod'
import { action } from '../action.ts'
import { notFound } from '../refusal.ts'
import { back } from './back.ts'
import { text } from './fields.ts'

/** What there is of each that can be reported, by id. */
const SUBJECTS = {
  project: 'projects',
  comment: 'comments',
  user: 'users',
  chain: 'chains',
  post: 'chain_posts',
} as const

export const report = action({
  path: '/reports',
  summary: 'Tells the administrators what is wrong with something',
  access: 'signed-in',
  params: z.object({}),
  body: z.object({
    subject: z.enum(['project', 'comment', 'user', 'chain', 'post']),
    subject_id: z.uuid(),
    reason: text,
    back,
  }),
  run: async ({ client, body: { subject, subject_id, reason, back: to = '/' }, viewer }) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into reports (reporter_id, subject, subject_id, reason)
       select $1, $2, s.id, $4 from ${SUBJECTS[subject]} s where s.id = $3
       returning id`,
      [viewer.id, subject, subject_id, reason],
    )
    const [made] = rows
    if (made === undefined) throw notFound()
    return { to, made: { id: made.id } }
  },
})
