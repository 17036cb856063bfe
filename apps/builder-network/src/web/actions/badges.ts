import { z } from 'zod'
import { BADGES } from '../../words.ts'
import { action } from '../action.ts'
import { notFound, Refusal } from '../refusal.ts'
import { back } from './back.ts'

/** By how much a badge raises the proof score of its project. */
const SCORE = 5

/** Nobody awards a badge to a project of their own. */
const AWARD = `
  with badge as (
    insert into validation_badges (project_id, validator_id, badge_type)
    select p.id, $2, $3
    from projects p
    where p.id = $1 and not p.is_deleted and p.user_id <> $2
    on conflict do nothing
    returning id, project_id
  ), scored as (
    update projects set proof_score = proof_score + ${String(SCORE)}, updated_at = now() at time zone 'utc'
    where id = (select project_id from badge)
    returning id, user_id, title
  ), told as (
    insert into notifications (user_id, type, message, link)
    select user_id, 'badge', 'a ' || $3 || ' badge for ' || title, '/projects/' || id from scored
  )
  select id from badge`

export const awardBadge = action({
  path: '/projects/:id/badges',
  summary: `Awards a badge to somebody else's project, and ${String(SCORE)} to its proof score`,
  access: 'validator',
  params: z.object({ id: z.uuid() }),
  body: z.object({ badge_type: z.enum(BADGES) }),
  run: async ({ client, params: { id }, body: { badge_type }, viewer }) => {
    const { rows } = await client.query<{ id: string }>(AWARD, [id, viewer.id, badge_type])
    const [made] = rows
    if (made !== undefined) return { to: `/projects/${id}`, made: { id: made.id } }
    const { rows: found } = await client.query<{ is_own: boolean }>(
      'select user_id = $2 as is_own from projects where id = $1 and not is_deleted',
      [id, viewer.id],
    )
    if (found[0] === undefined) throw notFound()
    if (found[0].is_own) throw new Refusal(403, 'forbidden', 'A project is validated by others.')
    throw new Refusal(409, 'awarded', 'You have awarded this badge already.')
  },
})

const TAKE_BACK = `
  with badge as (
    delete from validation_badges where id = $1 and (validator_id = $2 or $3) returning project_id
  ), scored as (
    update projects set proof_score = greatest(0, proof_score - ${String(SCORE)}), updated_at = now() at time zone 'utc'
    where id = (select project_id from badge)
  )
  select project_id from badge`

export const takeBadgeBack = action({
  path: '/badges/:id/back',
  summary: 'Takes a badge back, and what it gave to the proof score; for who awarded it',
  access: 'validator',
  params: z.object({ id: z.uuid() }),
  body: z.object({ back }),
  run: async ({ client, params: { id }, body, viewer }) => {
    const { rows } = await client.query<{ project_id: string }>(TAKE_BACK, [id, viewer.id, viewer.isAdmin])
    const [taken] = rows
    if (taken === undefined) throw notFound()
    return { to: body.back ?? `/projects/${taken.project_id}` }
  },
})
