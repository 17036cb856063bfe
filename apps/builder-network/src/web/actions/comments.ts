import { z } from 'zod'
import { action } from '../action.ts'
import { notFound } from '../refusal.ts'
import { back } from './back.ts'
import { text } from './fields.ts'

/** Tells the owner of the project, or whoever is answered; nobody is told of what they did themselves. */
const COMMENT = `
  with comment as (
    insert into comments (project_id, user_id, parent_id, content)
    select p.id, $2, a.id, $4
    from projects p
    left join comments a on a.id = $3 and a.project_id = p.id and not a.is_deleted
    where p.id = $1 and not p.is_deleted and ($3::uuid is null or a.id is not null)
    returning id, project_id, parent_id
  ), told as (
    insert into notifications (user_id, type, message, link)
    select coalesce(a.user_id, p.user_id), 'comment',
           case when a.id is null then 'a comment on ' else 'an answer to you on ' end || p.title,
           '/projects/' || p.id || '#comment-' || c.id
    from comment c
    join projects p on p.id = c.project_id
    left join comments a on a.id = c.parent_id
    where coalesce(a.user_id, p.user_id) <> $2
  )
  select id from comment`

export const postComment = action({
  path: '/projects/:id/comments',
  summary: 'Comments on a project, or answers a comment on it',
  access: 'signed-in',
  params: z.object({ id: z.uuid() }),
  body: z.object({ content: text, parent: z.uuid().optional().describe('The comment that is answered') }),
  run: async ({ client, params: { id }, body: { content, parent = null }, viewer }) => {
    const { rows } = await client.query<{ id: string }>(COMMENT, [id, viewer.id, parent, content])
    const [made] = rows
    if (made === undefined) throw notFound()
    return { to: `/projects/${id}#comment-${made.id}`, made: { id: made.id } }
  },
})

export const deleteComment = action({
  path: '/comments/:id/delete',
  summary: 'Deletes a comment; for who wrote it, and administrators. Answers to it stay',
  access: 'signed-in',
  params: z.object({ id: z.uuid() }),
  body: z.object({ back }),
  run: async ({ client, params: { id }, body, viewer }) => {
    const { rows } = await client.query<{ project_id: string }>(
      `update comments set is_deleted = true, updated_at = now() at time zone 'utc'
       where id = $1 and not is_deleted and (user_id = $2 or $3)
       returning project_id`,
      [id, viewer.id, viewer.isAdmin],
    )
    const [deleted] = rows
    if (deleted === undefined) throw notFound()
    return { to: body.back ?? `/projects/${deleted.project_id}` }
  },
})
