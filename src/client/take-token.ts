import { queryRows, type Queryable } from './queryable.ts'
import { TAKE_TOKEN } from './token.sql.ts'

/**
 * Takes the token of a transaction: what `waitFor` waits for, so that a reader finds what was written. To be called in
 * the transaction itself, anywhere after its first write; null where it has written nothing. It stands for the whole
 * transaction, also for what that writes later, and means something from the commit on.
 *
 * ```ts
 * await client.query('begin')
 * await client.query('insert into votes …')
 * const token = await takeToken(client)
 * await client.query('commit')
 * ```
 */
export async function takeToken(client: Queryable): Promise<string | null> {
  const [row] = await queryRows<{ readonly token: string | null }>(client, TAKE_TOKEN)
  return row?.token ?? null
}
