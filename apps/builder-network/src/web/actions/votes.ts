import { z } from 'zod'
import { action } from '../action.ts'
import { notFound } from '../refusal.ts'
import { back } from './back.ts'

const params = z.object({ id: z.uuid() })

export const vote = action({
  path: '/projects/:id/vote',
  summary: 'Votes a project up or down; a second vote replaces the first',
  access: 'signed-in',
  params,
  body: z.object({ up: z.stringbool().or(z.boolean()).default(true), back }),
  run: async ({ client, params: { id }, body: { up, back: to = `/projects/${id}` }, viewer }) => {
    const { rowCount } = await client.query(
      `insert into upvotes (user_id, project_id, is_upvote)
       select $1, p.id, $3 from projects p where p.id = $2 and not p.is_deleted
       on conflict (user_id, project_id) do update set is_upvote = excluded.is_upvote`,
      [viewer.id, id, up],
    )
    if (rowCount === 0) throw notFound()
    return { to }
  },
})

export const takeVoteBack = action({
  path: '/projects/:id/vote/back',
  summary: 'Takes a vote back',
  access: 'signed-in',
  params,
  body: z.object({ back }),
  run: async ({ client, params: { id }, body: { back: to = `/projects/${id}` }, viewer }) => {
    await client.query('delete from upvotes where user_id = $1 and project_id = $2', [viewer.id, id])
    return { to }
  },
})
