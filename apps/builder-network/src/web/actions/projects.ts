import { z } from 'zod'
import { CATEGORIES } from '../../words.ts'
import { action } from '../action.ts'
import { notFound } from '../refusal.ts'
import { back } from './back.ts'
import { longText, title, webAddress } from './fields.ts'

const params = z.object({ id: z.uuid() })

const fields = z.object({
  title,
  description: longText,
  category: z.enum(CATEGORIES).default('other'),
  proof_of_work_link: webAddress,
  image_url: webAddress,
})

export const postProject = action({
  path: '/projects',
  summary: 'Posts a project',
  access: 'signed-in',
  params: z.object({}),
  body: fields,
  run: async ({ client, body: it, viewer }) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into projects (user_id, title, description, category, proof_of_work_link, image_url)
       values ($1, $2, $3, $4, $5, $6)
       returning id`,
      [viewer.id, it.title, it.description, it.category, it.proof_of_work_link, it.image_url],
    )
    const id = rows[0]?.id ?? ''
    return { to: `/projects/${id}`, made: { id } }
  },
})

export const changeProject = action({
  path: '/projects/:id/edit',
  summary: 'Changes a project; for its owner, and administrators',
  access: 'signed-in',
  params,
  body: fields,
  run: async ({ client, params: { id }, body: it, viewer }) => {
    const { rowCount } = await client.query(
      `update projects
       set title = $4, description = $5, category = $6, proof_of_work_link = $7, image_url = $8,
           updated_at = now() at time zone 'utc'
       where id = $1 and not is_deleted and (user_id = $2 or $3)`,
      [
        id,
        viewer.id,
        viewer.isAdmin,
        it.title,
        it.description,
        it.category,
        it.proof_of_work_link,
        it.image_url,
      ],
    )
    if (rowCount === 0) throw notFound()
    return { to: `/projects/${id}` }
  },
})

const HIDE = `
  update projects set is_deleted = $4, updated_at = now() at time zone 'utc'
  where id = $1 and is_deleted <> $4 and (user_id = $2 or $3)`

export const deleteProject = action({
  path: '/projects/:id/delete',
  summary: 'Hides a project; for its owner, and administrators',
  access: 'signed-in',
  params,
  body: z.object({ back }),
  run: async ({ client, params: { id }, body: { back: to = '/me/projects' }, viewer }) => {
    const { rowCount } = await client.query(HIDE, [id, viewer.id, viewer.isAdmin, true])
    if (rowCount === 0) throw notFound()
    return { to }
  },
})

export const restoreProject = action({
  path: '/projects/:id/restore',
  summary: 'Shows a hidden project again; for its owner, and administrators',
  access: 'signed-in',
  params,
  body: z.object({ back }),
  run: async ({ client, params: { id }, body: { back: to = `/projects/${id}` }, viewer }) => {
    const { rowCount } = await client.query(HIDE, [id, viewer.id, viewer.isAdmin, false])
    if (rowCount === 0) throw notFound()
    return { to }
  },
})
