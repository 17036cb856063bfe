import { createHash, randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { Viewer } from '../viewer.ts'
import { endSession, hearChangedUsers } from './changed-users.ts'

/** How long a session lasts, in seconds. */
export const SESSION_SECONDS = 14 * 24 * 3600

/**
 * For so long a session that was found is not looked up again. Who changes a role or ends a session by the application is heard at once; what
 * is changed by SQL is seen after it.
 */
const REMEMBERED_MS = 60_000
/** The same while nobody is heard. */
const UNHEARD_MS = 5_000
const MOST_REMEMBERED = 10_000

const FIND = `
  select u.id, u.username, u.role, u.is_admin as "isAdmin", encode(s.token_hash, 'hex') as "sessionId",
         exists (select from investor_requests r where r.user_id = u.id and r.status = 'approved') as "isListed",
         s.last_used_at < (now() at time zone 'utc') - interval '5 minutes' as "isLongAgo"
  from sessions s
  join users u on u.id = s.user_id
  where s.token_hash = $1 and s.expires_at > now() at time zone 'utc' and u.is_active`

const USE = `update sessions set last_used_at = now() at time zone 'utc' where token_hash = $1`

const START = `
  insert into sessions (token_hash, user_id, device, expires_at)
  values ($1, $2, $3, now() at time zone 'utc' + $4 * interval '1 second')`

export interface Sessions {
  /** Whose session it is; null: nobody's, or it has ended. */
  readonly find: (token: string) => Promise<Viewer | null>
  /** Ends it. */
  readonly end: (token: string) => Promise<void>
  /** Looks somebody's sessions up again: they, or what the user may do, have changed. */
  readonly forget: (userId: string) => void
  /** Whether it hears what other processes do. */
  readonly isHearing: () => boolean
  readonly close: () => Promise<void>
}

/** Starts a session in the transaction of a client, and returns the token that the browser holds. */
export async function startSession(
  client: pg.ClientBase,
  { userId, device }: { readonly userId: string; readonly device: string | null },
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await client.query(`delete from sessions where user_id = $1 and expires_at <= now() at time zone 'utc'`, [
    userId,
  ])
  await client.query(START, [hashOf(token), userId, device, SESSION_SECONDS])
  return token
}

/** `url`: of the same database, to hear what other processes do. */
export function openSessions(
  pool: pg.Pool,
  url: string,
  { rememberedMs = REMEMBERED_MS, unheardMs = UNHEARD_MS } = {},
): Sessions {
  const remembered = new Map<string, { readonly viewer: Viewer; readonly until: number }>()
  let heard = 0
  const forget = (userId: string) => {
    heard += 1
    for (const [token, { viewer }] of remembered) if (viewer.id === userId) remembered.delete(token)
  }
  const hearing = hearChangedUsers(url, {
    onChange: forget,
    onLost: () => {
      remembered.clear()
    },
  })
  return {
    find: async (token) => {
      const found = remembered.get(token)
      if (found !== undefined && found.until > performance.now()) return found.viewer
      const before = heard
      const viewer = await lookUp(pool, hashOf(token))
      // What was heard meanwhile may be younger than what was found.
      const isSure = hearing.isOn() && heard === before
      remembered.delete(token)
      if (viewer !== null) {
        if (remembered.size >= MOST_REMEMBERED) remembered.clear()
        remembered.set(token, { viewer, until: performance.now() + (isSure ? rememberedMs : unheardMs) })
      }
      return viewer
    },
    end: async (token) => {
      remembered.delete(token)
      await endSession(pool, hashOf(token))
    },
    forget,
    isHearing: hearing.isOn,
    close: hearing.stop,
  }
}

/** Notes that it was used, now and then. */
async function lookUp(pool: pg.Pool, hash: Buffer): Promise<Viewer | null> {
  const { rows } = await pool.query<Viewer & { isLongAgo: boolean }>({
    name: 'session',
    text: FIND,
    values: [hash],
  })
  const [found] = rows
  if (found === undefined) return null
  const { isLongAgo, ...viewer } = found
  if (isLongAgo) await pool.query(USE, [hash])
  return viewer
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
