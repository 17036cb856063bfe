import { createHash } from 'node:crypto'
import { inject } from 'vitest'
import { withConnection } from '../../src/pg/client.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** Those that are known to be there. */
const originals = new Map<string, Promise<void>>()

/**
 * A copy of the database that `make` fills: it is filled once for all files of a run, and goes with the server. What is the same in `what`
 * is the same database. `make` leaves no session open in it.
 */
export async function createCopiedDatabase(
  what: unknown,
  make: (original: TestDatabase) => Promise<void>,
): Promise<TestDatabase> {
  const digest = createHash('sha256').update(JSON.stringify(what)).digest('hex')
  const name = `original_${inject('run')}_${digest.slice(0, 16)}`
  const original = originals.get(name) ?? makeOnce(name, make)
  originals.set(name, original)
  await original

  const database = await createTestDatabase('', { template: name })
  await withConnection({ url: database.url('superuser') }, async (client) => {
    // Snapshots mean the same in all databases of one server, so the copy may call the watermarks its own.
    const [there] = await client.query<{ marks: string | null }>(
      `select to_regclass('millrace.watermark') as marks`,
    )
    if (there?.marks !== null)
      await client.query('update millrace.watermark set cluster = millrace.cluster()')
  })
  return database
}

/** Files that run at the same time, in processes of their own, wait for the one that came first. */
async function makeOnce(name: string, make: (original: TestDatabase) => Promise<void>): Promise<void> {
  await withConnection({ url: inject('serverUrl') }, async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', [name])
    if ((await client.query('select from pg_database where datname = $1', [name])).length > 0) return
    const made = await createTestDatabase('', { isKept: true })
    await make(made)
    await client.query(`alter database ${made.name} rename to ${name}`)
  })
}
