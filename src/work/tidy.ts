import type { Client } from '../pg/client.ts'
import type { InstalledModel } from './model.ts'
import { prune } from './prune.ts'
import { rotate } from './rotate.ts'

/** What a worker does now and then, for those who drain without one: empties queues, removes what nobody needs any more. */
export async function tidy(client: Client, models: readonly InstalledModel[]): Promise<void> {
  await rotate(client, models)
  await prune(client, models)
}
