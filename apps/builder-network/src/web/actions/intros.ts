import { z } from 'zod'
import { action } from '../action.ts'
import { Refusal } from '../refusal.ts'
import { back } from './back.ts'
import { notify } from './notify.ts'

/** Of a project that both can see, or of none; one that waits for an answer is not asked for again. */
const ASK = `
  insert into intro_requests (investor_id, builder_id, project_id, message)
  select $1, b.id, p.id, $4
  from users b
  left join projects p on p.id = $3 and p.user_id = b.id and not p.is_deleted
  where b.id = $2 and b.is_active and b.id <> $1 and ($3::uuid is null or p.id is not null)
    and not exists (
      select from intro_requests i where i.investor_id = $1 and i.builder_id = b.id and i.status = 'pending')
  returning id`

const ANSWER = `
  update intro_requests
  set status = $3, responded_at = now() at time zone 'utc'
  where id = $1 and builder_id = $2 and status = 'pending'
  returning investor_id`

export const askForIntro = action({
  path: '/intros',
  summary: 'Asks a builder to meet',
  access: 'investor',
  params: z.object({}),
  body: z.object({
    builder_id: z.uuid(),
    project_id: z.uuid().optional(),
    message: z.string().trim().max(2000).default(''),
    back,
  }),
  run: async ({ client, body, viewer }) => {
    // Two questions at once: the second waits here, and finds the first.
    await client.query('select from users where id = $1 for no key update', [viewer.id])
    const { rows } = await client.query<{ id: string }>(ASK, [
      viewer.id,
      body.builder_id,
      body.project_id ?? null,
      body.message,
    ])
    const [asked] = rows
    if (asked === undefined) {
      throw new Refusal(409, 'not-possible', 'They cannot be asked, or your last question is still open.')
    }
    await notify(client, {
      userId: body.builder_id,
      type: 'intro',
      message: `${viewer.username} would like to meet you`,
      link: '/intros',
    })
    return { to: body.back ?? '/intros?box=sent', made: { id: asked.id } }
  },
})

export const answerIntro = action({
  path: '/intros/:id/answer',
  summary: 'Says yes or no to an investor who would like to meet the viewer',
  access: 'signed-in',
  params: z.object({ id: z.uuid() }),
  body: z.object({ answer: z.enum(['approved', 'rejected']) }),
  run: async ({ client, params: { id }, body: { answer }, viewer }) => {
    const { rows } = await client.query<{ investor_id: string }>(ANSWER, [id, viewer.id, answer])
    const [answered] = rows
    if (answered === undefined) {
      throw new Refusal(404, 'not-found', 'There is no such question to you that waits for an answer.')
    }
    await notify(client, {
      userId: answered.investor_id,
      type: 'intro',
      message: `${viewer.username} has ${answer === 'approved' ? 'accepted' : 'declined'} your introduction`,
      link: '/intros?box=sent',
    })
    return { to: '/intros' }
  },
})
