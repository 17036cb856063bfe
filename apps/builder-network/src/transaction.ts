import type pg from 'pg'

/** Runs `work` in a transaction of the client: committed when it has run, rolled back where it fails. */
export async function inTransaction<Client extends pg.ClientBase, T>(
  client: Client,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  await client.query('begin')
  try {
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // A lost connection has rolled back already; the first error is the one to tell.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** The same on a connection of the pool. */
export async function withTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  try {
    return await inTransaction(client, work)
  } finally {
    client.release()
  }
}
