import type { Client } from '../pg/client.ts'
import type { InstalledModel } from './model.ts'
import { PRUNE_LOG, pruneWatermarks } from './rotate.sql.ts'

const BATCH = 5_000

/** Removes watermarks and log rows that nobody needs any more. */
export async function prune(client: Client, models: readonly InstalledModel[]): Promise<void> {
  for (const { storage } of models) await client.query(pruneWatermarks(storage))
  await client.query(PRUNE_LOG, [BATCH])
}
