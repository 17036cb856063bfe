import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'

const CHANNEL = 'builder_network_users'
const AGAIN_MS = 1_000

/** Tells every process of the application, at the commit, that somebody's role or sessions have changed. That is rare: NOTIFY lets commits wait. */
export async function tellChangedUser(client: pg.ClientBase, userId: string): Promise<void> {
  await client.query('select pg_notify($1, $2)', [CHANNEL, userId])
}

/** Ends a session; whose it was is told as above. */
export async function endSession(pool: pg.Pool, tokenHash: Buffer): Promise<void> {
  await pool.query(
    `with ended as (delete from sessions where token_hash = $1 returning user_id)
     select pg_notify($2, user_id::text) from ended`,
    [tokenHash, CHANNEL],
  )
}

/** Who hears of changed users. */
export interface Hearing {
  /** False: changes are missed. */
  readonly isOn: () => boolean
  readonly stop: () => Promise<void>
}

/** Hears of changed users on a connection of its own, which is made anew when it breaks off. `onLost`: some may have been missed. */
export function hearChangedUsers(
  url: string,
  { onChange, onLost }: { readonly onChange: (userId: string) => void; readonly onLost: () => void },
): Hearing {
  const stopped = new AbortController()
  let isOn = false
  const hear = async () => {
    const client = new pg.Client({ connectionString: url, application_name: 'builder network sessions' })
    // A broken connection ends too.
    client.on('error', () => undefined)
    client.on('notification', ({ payload = '' }) => {
      onChange(payload)
    })
    const ended = once(client, 'end', { signal: stopped.signal })
    // It may end while it connects, when nobody waits for it yet.
    ended.catch(() => undefined)
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      isOn = true
      await ended
    } finally {
      isOn = false
      onLost()
      await client.end().catch(() => undefined)
    }
  }
  const hearing = (async () => {
    while (!stopped.signal.aborted) {
      // Until it is heard again, sessions are looked up more often.
      await hear().catch(() => undefined)
      await setTimeout(AGAIN_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  })()
  return {
    isOn: () => isOn,
    stop: async () => {
      stopped.abort()
      await hearing
    },
  }
}
