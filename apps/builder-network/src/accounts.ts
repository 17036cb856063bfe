import type { Client } from 'pg'
import { user } from './rows/ids.ts'
import { hashPassword } from './web/sessions/passwords.ts'

/** Lets everybody who is there sign in by one password. Of seeded people nobody has one otherwise. */
export async function givePasswords(client: Pick<Client, 'query'>, password: string): Promise<void> {
  await client.query(
    `insert into credentials (user_id, password_hash) select id, $1 from users
     on conflict (user_id) do update set password_hash = excluded.password_hash`,
    [await hashPassword(password)],
  )
}

const MAKE_DEMO = `
  with somebody as (
    update users set is_active = true, is_admin = true where id = $1 returning id, username
  ), account as (
    insert into credentials (user_id, password_hash) select id, $2 from somebody
    on conflict (user_id) do update set password_hash = excluded.password_hash
  )
  select username from somebody`

const DEMO_PASSWORD = 'millrace turns'

/** An account that is busy, and may see everything: the first of the generator's people. */
export async function makeDemoAccount(
  client: Pick<Client, 'query'>,
): Promise<{ readonly username: string; readonly password: string }> {
  const hash = await hashPassword(DEMO_PASSWORD)
  const { rows } = await client.query<{ username: string }>(MAKE_DEMO, [user(0), hash])
  return { username: rows[0]?.username ?? '', password: DEMO_PASSWORD }
}
