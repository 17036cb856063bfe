import { createHash, randomBytes } from 'node:crypto'
import type { Client } from 'pg'

/** Somebody who is signed in. */
export interface Session {
  readonly token: string
  readonly userId: string
  readonly username: string
  readonly role: string
}

const START = `
  insert into sessions (token_hash, user_id, expires_at)
  select decode(given.hash, 'hex'), given.user_id, now() at time zone 'utc' + interval '1 day'
  from unnest($1::text[], $2::uuid[]) as given (hash, user_id)`

/** Signs people in as the application would have, without their passwords: hashing those is not what is measured. */
export async function startSessions(client: Client, count: number): Promise<readonly Session[]> {
  const { rows } = await client.query<Omit<Session, 'token' | 'userId'> & { readonly id: string }>(
    'select id, username, role from users where is_active order by id limit $1',
    [count],
  )
  const sessions = Array.from({ length: count }, (_, i): Session => {
    const person = rows[i % rows.length]
    if (person === undefined) throw new Error('there is nobody to sign in')
    const { id, username, role } = person
    return { token: randomBytes(32).toString('base64url'), userId: id, username, role }
  })
  const hashes = sessions.map(({ token }) => createHash('sha256').update(token).digest('hex'))
  await client.query(START, [hashes, sessions.map(({ userId }) => userId)])
  return sessions
}
