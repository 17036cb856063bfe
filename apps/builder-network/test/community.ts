import { createCopiedDatabase } from '../../../test/support/copied-database.ts'
import type { TestDatabase } from '../../../test/support/database.ts'
import { ROLES } from '../../../test/support/roles.ts'
import { withClient } from '../src/database.ts'
import { installReadModels } from '../src/read-models.ts'
import { SCALES, type Sizes } from '../src/sizes.ts'
import { createTables, fillTables } from '../src/tables.ts'

/** Where it is not the rows that matter, but what happens to them. */
export const FEW: Sizes = Object.fromEntries(
  Object.entries(SCALES.tiny).map(([name, size]) => [name, Math.min(Number(size), 20)]),
) as unknown as Sizes

export interface CommunityOptions {
  readonly seed?: number
  readonly sizes?: Sizes
  readonly withModels?: boolean
}

/** A database with the application's tables, data and read models, in the hands of the five roles: a copy, for many files ask for the same. */
export async function createCommunity(options: CommunityOptions = {}): Promise<TestDatabase> {
  return await createCopiedDatabase(['community', options], async (original) => {
    await fillCommunity(original, options)
  })
}

export async function fillCommunity(
  database: TestDatabase,
  { seed = 1, sizes = SCALES.tiny, withModels = true }: CommunityOptions,
): Promise<void> {
  await withClient(database.url('application'), async (client) => {
    await createTables(client)
    await fillTables(client, { seed, sizes })
  })
  // The application itself reads the read models, as it does in the demo.
  const roles = { worker: ROLES.worker, reader: ROLES.writer }
  if (withModels) await installReadModels({ url: database.url('owner') }, roles)
}
