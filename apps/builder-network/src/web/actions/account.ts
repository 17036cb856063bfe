import { z } from 'zod'
import type pg from 'pg'
import { action } from '../action.ts'
import { Refusal } from '../refusal.ts'
import { hashPassword, isPassword, newPassword } from '../sessions/passwords.ts'
import { startSession } from '../sessions/sessions.ts'
import { webAddress } from './fields.ts'

const params = z.object({})
const password = z.string().min(1).max(200)

/** Role, verification and karma are nobody's own to change. */
export const changeProfile = action({
  path: '/me/profile',
  summary: 'Changes what others see of the viewer',
  access: 'signed-in',
  params,
  body: z.object({ bio: z.string().trim().max(2000).default(''), profile_image: webAddress }),
  run: async ({ client, body: { bio, profile_image }, viewer }) => {
    await client.query(
      `update users set bio = nullif($2, ''), profile_image = $3, updated_at = now() at time zone 'utc' where id = $1`,
      [viewer.id, bio, profile_image],
    )
    return { to: '/me/settings?saved=profile' }
  },
})

export const changePassword = action({
  path: '/me/password',
  summary: 'Changes the password, and ends every other session',
  access: 'signed-in',
  limit: 'signIns',
  params,
  body: z.object({ current: password, password: newPassword }),
  run: async ({ client, body, viewer, device }) => {
    await requirePassword(client, viewer.id, body.current)
    await client.query(
      `update credentials set password_hash = $2, updated_at = now() at time zone 'utc' where user_id = $1`,
      [viewer.id, await hashPassword(body.password)],
    )
    await client.query('delete from sessions where user_id = $1', [viewer.id])
    return {
      to: '/me/settings?saved=password',
      changedUser: viewer.id,
      session: await startSession(client, { userId: viewer.id, device }),
    }
  },
})

const CHANGE_EMAIL = `
  update users set email = $2, updated_at = now() at time zone 'utc'
  where id = $1 and not exists (select from users where lower(email) = lower($2) and id <> $1)`

export const changeEmail = action({
  path: '/me/email',
  summary: 'Changes the address that nobody else sees',
  access: 'signed-in',
  limit: 'signIns',
  params,
  body: z.object({ current: password, email: z.email().max(200) }),
  run: async ({ client, body, viewer }) => {
    await requirePassword(client, viewer.id, body.current)
    const { rowCount } = await client.query(CHANGE_EMAIL, [viewer.id, body.email])
    if (rowCount === 0) throw new Refusal(409, 'taken', 'That address has an account already.')
    return { to: '/me/settings?saved=email' }
  },
})

export const endSession = action({
  path: '/me/sessions/:id/end',
  summary: 'Signs the viewer out where that session is',
  access: 'signed-in',
  params: z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) }),
  body: z.object({}),
  run: async ({ client, params: { id }, viewer }) => {
    const { rowCount } = await client.query(
      `delete from sessions where user_id = $1 and token_hash = decode($2, 'hex')`,
      [viewer.id, id],
    )
    if (rowCount === 0) throw new Refusal(404, 'not-found', 'There is no such session of yours.')
    return { to: '/me/settings?saved=sessions', changedUser: viewer.id }
  },
})

export const endSessions = action({
  path: '/me/sessions/end',
  summary: 'Signs the viewer out everywhere, and in here again',
  access: 'signed-in',
  params,
  body: z.object({}),
  run: async ({ client, viewer, device }) => {
    await client.query('delete from sessions where user_id = $1', [viewer.id])
    return {
      to: '/me/settings?saved=sessions',
      changedUser: viewer.id,
      session: await startSession(client, { userId: viewer.id, device }),
    }
  },
})

async function requirePassword(client: pg.PoolClient, userId: string, given: string): Promise<void> {
  const { rows } = await client.query<{ password_hash: string }>(
    'select password_hash from credentials where user_id = $1',
    [userId],
  )
  if (!(await isPassword(given, rows[0]?.password_hash ?? null))) {
    throw new Refusal(403, 'wrong-password', 'That is not your password.')
  }
}
