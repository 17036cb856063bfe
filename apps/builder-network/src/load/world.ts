import type { Client } from 'pg'
import type { Random } from '../random.ts'

/** What there is to look at and to write to, the popular first. */
export interface World {
  readonly projects: readonly string[]
  readonly usernames: readonly string[]
  readonly userIds: readonly string[]
  readonly chains: readonly string[]
}

/** The ids of the data generator have their number in them, and small numbers get the most of everything. */
const BY_NUMBER = 'order by right(id::text, 11)'
const MOST = 100_000

export async function readWorld(client: Client): Promise<World> {
  const columnOf = async (text: string) => {
    const { rows } = await client.query<{ value: string }>(`${text} ${BY_NUMBER} limit ${String(MOST)}`)
    return rows.map(({ value }) => value)
  }
  return {
    projects: await columnOf('select id as value from projects where not is_deleted'),
    usernames: await columnOf('select username as value from users where is_active'),
    userIds: await columnOf('select id as value from users where is_active'),
    chains: await columnOf('select id as value from chains where is_active and is_public'),
  }
}

/** One that is likely to be one of the popular few. */
export function popular(of: readonly string[], random: Random): string {
  const found = of[random.skewed(of.length)]
  if (found === undefined) throw new Error('the database is empty')
  return found
}
