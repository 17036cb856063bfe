import type { Client } from 'pg'
import { randomFrom } from './random.ts'
import { TABLES } from './rows/all.ts'
import type { Batch } from './rows/batch.ts'
import type { Sizes } from './sizes.ts'

export interface SeedOptions {
  readonly seed: number
  readonly sizes: Sizes
  readonly onProgress?: ((table: string, done: number, total: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const AT_ONCE = 5_000

/** Each table has a stream of its own, and a further table changes none of them. */
const STREAMS = 100

/**
 * Fills empty base tables. The same seed and sizes give the same rows, to the last bit. Each table has random numbers
 * of its own, so another size of one leaves the others as they are. To be called in a transaction.
 */
export async function seedDatabase(
  client: Client,
  { seed, sizes, onProgress, signal }: SeedOptions,
): Promise<void> {
  const batches = TABLES.map((make, i) => make(randomFrom(seed * STREAMS + i), sizes))
  const total = batches.reduce((sum, { rows }) => sum + rows, 0)
  let done = 0
  for (const batch of batches) {
    for (let from = 0; from < batch.rows; from += AT_ONCE) {
      signal?.throwIfAborted()
      const to = Math.min(batch.rows, from + AT_ONCE)
      await insert(client, batch, from, to)
      done += to - from
      onProgress?.(batch.table, done, total)
    }
  }
}

async function insert(
  client: Client,
  { table, columns, row }: Batch,
  from: number,
  to: number,
): Promise<void> {
  const rows = Array.from({ length: to - from }, (_, i) => row(from + i))
  const names = Object.keys(columns)
  const arrays = Object.values(columns).map((type, i) => `$${String(i + 1)}::${type}[]`)
  // Skewed pairs repeat: the first stays.
  await client.query(
    `insert into ${table} (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) on conflict do nothing`,
    names.map((_, i) => rows.map((values) => values[i])),
  )
}
