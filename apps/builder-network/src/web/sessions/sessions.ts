import { createHash, randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { Viewer } from '../viewer.ts'

/** How long a session lasts, in seconds. */
export const SESSION_SECONDS = 14 * 24 * 3600

/** For so long a session that was found is not looked up again; changed roles and sign-outs in other processes are seen after it. */
const REMEMBERED_MS = 5_000
const MOST_REMEMBERED = 10_000

const FIND = `
  select u.id, u.username, u.role, u.is_admin as "isAdmin"
  from sessions s
  join users u on u.id = s.user_id
  where s.token_hash = $1 and s.expires_at > now() at time zone 'utc' and u.is_active`

const START = `
  insert into sessions (token_hash, user_id, expires_at)
  values ($1, $2, now() at time zone 'utc' + $3 * interval '1 second')`

export interface Sessions {
  /** Whose session it is; null: nobody's, or it has ended. */
  readonly find: (token: string) => Promise<Viewer | null>
  /** Ends it. */
  readonly end: (token: string) => Promise<void>
  /** Looks somebody's sessions up again: they, or what the user may do, have changed. */
  readonly forget: (userId: string) => void
}

/** Starts a session in the transaction of a client, and returns the token that the browser holds. */
export async function startSession(client: pg.ClientBase, userId: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await client.query(`delete from sessions where user_id = $1 and expires_at <= now() at time zone 'utc'`, [
    userId,
  ])
  await client.query(START, [hashOf(token), userId, SESSION_SECONDS])
  return token
}

export function openSessions(pool: pg.Pool): Sessions {
  const remembered = new Map<string, { readonly viewer: Viewer; readonly until: number }>()
  return {
    find: async (token) => {
      const found = remembered.get(token)
      if (found !== undefined && found.until > performance.now()) return found.viewer
      const { rows } = await pool.query<Viewer>({ name: 'session', text: FIND, values: [hashOf(token)] })
      const [viewer = null] = rows
      remembered.delete(token)
      if (viewer !== null) {
        if (remembered.size >= MOST_REMEMBERED) remembered.clear()
        remembered.set(token, { viewer, until: performance.now() + REMEMBERED_MS })
      }
      return viewer
    },
    end: async (token) => {
      remembered.delete(token)
      await pool.query('delete from sessions where token_hash = $1', [hashOf(token)])
    },
    forget: (userId) => {
      for (const [token, { viewer }] of remembered) if (viewer.id === userId) remembered.delete(token)
    },
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
