import { withTransaction, type Client } from '../pg/client.ts'

/** → a row for each partition of a captured table that was not captured; `problem` is null where it is now. */
export const ADOPT_PARTITIONS = 'select partition, problem from millrace.adopt_partitions()'

const LOCK_TIMEOUT_MS = 100

/**
 * Captures partitions that somebody has attached, where the installer's rights reach; `doctor` names the others. Creating a
 * trigger waits for the partition's writers and lets new ones wait meanwhile, so it is given up soon and tried again.
 */
export async function adoptPartitions(client: Client): Promise<void> {
  await withTransaction(client, {}, async () => {
    await client.query(`set local lock_timeout = ${String(LOCK_TIMEOUT_MS)}`)
    await client.query(ADOPT_PARTITIONS)
  })
}
