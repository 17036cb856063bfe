import { z } from 'zod'
import { CATEGORIES } from '../../words.ts'
import { action } from '../action.ts'
import { notFound, Refusal } from '../refusal.ts'
import { isVisible } from '../visible-chains.ts'
import { back } from './back.ts'
import { longText, ticked, title, webAddress } from './fields.ts'

const params = z.object({ id: z.uuid() })

export const beginChain = action({
  path: '/chains',
  summary: 'Begins a chain',
  access: 'signed-in',
  params: z.object({}),
  body: z.object({
    name: title,
    description: longText,
    category: z.enum(CATEGORIES).default('other'),
    image_url: webAddress,
    is_private: ticked,
  }),
  run: async ({ client, body: it, viewer }) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into chains (creator_id, name, description, category, image_url, is_public)
       values ($1, $2, $3, $4, $5, $6)
       returning id`,
      [viewer.id, it.name, it.description, it.category, it.image_url, !it.is_private],
    )
    const id = rows[0]?.id ?? ''
    return { to: `/chains/${id}`, made: { id } }
  },
})

export const followChain = action({
  path: '/chains/:id/follow',
  summary: 'Follows a chain',
  access: 'signed-in',
  params,
  body: z.object({ back }),
  run: async ({ client, params: { id }, body: { back: to = `/chains/${id}` }, viewer }) => {
    const { rowCount } = await client.query(
      `insert into chain_followers (chain_id, user_id)
       select c.id, $2 from chains c where c.id = $1 and c.is_active and ${isVisible({ viewer: 2, isAdmin: 3 })}
       on conflict (chain_id, user_id) do update set user_id = excluded.user_id`,
      [id, viewer.id, viewer.isAdmin],
    )
    if (rowCount === 0) throw notFound()
    return { to }
  },
})

export const unfollowChain = action({
  path: '/chains/:id/follow/back',
  summary: 'Follows a chain no longer',
  access: 'signed-in',
  params,
  body: z.object({ back }),
  run: async ({ client, params: { id }, body: { back: to = '/chains' }, viewer }) => {
    await client.query('delete from chain_followers where chain_id = $1 and user_id = $2', [id, viewer.id])
    return { to }
  },
})

/** By who leads the chain, any project; by who follows it, a project of their own. Its maker is told, unless it was them. */
const ADD = `
  with added as (
    insert into chain_projects (chain_id, project_id, added_by)
    select c.id, p.id, $3
    from chains c, projects p
    where c.id = $1 and c.is_active and p.id = $2 and not p.is_deleted
      and (c.creator_id = $3 or (p.user_id = $3 and exists (
        select from chain_followers f where f.chain_id = c.id and f.user_id = $3)))
    on conflict do nothing
    returning chain_id, project_id
  ), told as (
    insert into notifications (user_id, type, message, link)
    select p.user_id, 'chain', p.title || ' is in the chain ' || c.name || ' now', '/chains/' || c.id
    from added a
    join chains c on c.id = a.chain_id
    join projects p on p.id = a.project_id
    where p.user_id <> $3 and c.is_public
  )
  select from added`

export const addToChain = action({
  path: '/chains/:id/projects',
  summary: 'Adds a project to a chain that I lead, or one of mine to a chain that I follow',
  access: 'signed-in',
  params,
  body: z.object({ project: z.uuid(), back }),
  run: async ({ client, params: { id }, body: { project, back: to = `/chains/${id}` }, viewer }) => {
    const { rowCount } = await client.query(ADD, [id, project, viewer.id])
    if (rowCount === 1) return { to }
    const { rowCount: has } = await client.query(
      `select from chain_projects l join chains c on c.id = l.chain_id
       where l.chain_id = $1 and l.project_id = $2 and ${isVisible({ viewer: 3, isAdmin: 4 })}`,
      [id, project, viewer.id, viewer.isAdmin],
    )
    if (has === 1) throw new Refusal(409, 'there-already', 'The chain has it already.')
    throw notFound()
  },
})

export const takeFromChain = action({
  path: '/chains/:id/projects/:project/back',
  summary: 'Takes a project out of a chain; for who leads the chain, and for who made the project',
  access: 'signed-in',
  params: z.object({ id: z.uuid(), project: z.uuid() }),
  body: z.object({ back }),
  run: async ({ client, params: { id, project }, body: { back: to = `/chains/${id}` }, viewer }) => {
    const { rowCount } = await client.query(
      `delete from chain_projects l
       using chains c, projects p
       where l.chain_id = $1 and l.project_id = $2 and c.id = l.chain_id and p.id = l.project_id
         and ($3 in (c.creator_id, p.user_id) or $4)`,
      [id, project, viewer.id, viewer.isAdmin],
    )
    if (rowCount === 0) throw notFound()
    return { to }
  },
})
