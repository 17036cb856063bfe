import { withTransaction, type Client } from '../pg/client.ts'
import { withLockRetry, type LockRetry } from './lock-retry.ts'

const KEY = `hashtext('millrace'), hashtext('install')`

/**
 * One program at a time changes what is installed: each makes capture for the models that it knows of, so of two at
 * once the second would take away what the first has just made. The lock belongs to the session and outlasts the
 * transactions in between; a session that dies gives it back.
 */
export async function withInstallLock<T>(
  client: Client,
  retry: LockRetry,
  run: () => Promise<T>,
): Promise<T> {
  await withLockRetry(retry, async () => {
    await withTransaction(client, {}, async () => {
      await client.query(`set local lock_timeout = ${String(retry.timeoutMs)}`)
      await client.query(`select pg_advisory_lock(${KEY})`)
    })
  })
  try {
    return await run()
  } finally {
    // If the connection is gone, so is the lock, and the first error is the one to tell.
    await client.query(`select pg_advisory_unlock(${KEY})`).catch(() => undefined)
  }
}
