import { z } from 'zod'
import { action, type Action } from '../action.ts'
import { Refusal } from '../refusal.ts'

const params = z.object({ id: z.uuid() })
const body = z.object({})

export const closeReport = closing('reports', 'report')
export const closeFeedback = closing('feedback', 'feedback')

function closing(table: 'reports' | 'feedback', what: string): Action {
  return action({
    path: `/admin/${table}/:id/close`,
    summary: `Closes ${what} that was looked at`,
    access: 'admin',
    params,
    body,
    run: async ({ client, params: { id } }) => {
      const { rowCount } = await client.query(
        `update ${table} set status = 'closed', closed_at = now() at time zone 'utc' where id = $1 and status = 'open'`,
        [id],
      )
      if (rowCount === 0) throw new Refusal(404, 'not-found', `There is no such ${what} that is open.`)
      return { to: '/admin' }
    },
  })
}

/** Administrators themselves are out of reach here: a mistake shall not lock everybody out. */
const DEACTIVATE = `
  with gone as (
    update users set is_active = false, updated_at = now() at time zone 'utc'
    where id = $1 and is_active and not is_admin
    returning id
  ), signed_out as (
    delete from sessions where user_id = (select id from gone)
  )
  select id from gone`

export const deactivate = action({
  path: '/admin/users/:id/deactivate',
  summary: 'Signs somebody out for good',
  access: 'admin',
  params,
  body,
  run: async ({ client, params: { id } }) => {
    const { rowCount } = await client.query(DEACTIVATE, [id])
    if (rowCount === 0) throw new Refusal(404, 'not-found', 'There is no such user who could be deactivated.')
    return { to: '/admin', changedUser: id }
  },
})

export const activate = action({
  path: '/admin/users/:id/activate',
  summary: 'Lets somebody sign in again',
  access: 'admin',
  params,
  body,
  run: async ({ client, params: { id } }) => {
    const { rowCount } = await client.query(
      `update users set is_active = true, updated_at = now() at time zone 'utc' where id = $1 and not is_active`,
      [id],
    )
    if (rowCount === 0) throw new Refusal(404, 'not-found', 'There is no such user who was deactivated.')
    return { to: '/admin' }
  },
})
