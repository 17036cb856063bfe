import { expect } from 'vitest'
import type { Client } from '../../src/pg/client.ts'
import type { Tables } from './record.ts'

/** The sources hold exactly what the writer recorded: no committed change is missing, and no other one there. */
export async function expectSources(client: Client, tables: Tables): Promise<void> {
  const read = async (columns: string, from: string) => {
    const rows = await client.query<{ row: string }>(
      `select json_build_array(${columns})::text as row from ${from}`,
    )
    return rows.map(({ row }) => JSON.stringify(JSON.parse(row))).sort()
  }
  const kept = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort()

  expect(await read('n', 'journal')).toEqual(kept([...tables.journal].map((n) => [n])))
  expect(await read('id, name, region', 'owners')).toEqual(
    kept([...tables.owners].map(([id, { name, region }]) => [id, name, region])),
  )
  expect(await read('id, owner_id, category, price', 'items')).toEqual(
    kept([...tables.items].map(([id, { owner, category, price }]) => [id, owner, category, price])),
  )
  expect(await read('item_id, user_id, weight', 'votes')).toEqual(
    kept([...tables.votes].map(([key, weight]) => [...key.split('/').map(Number), weight])),
  )
  expect(await read('id, text', 'remarks')).toEqual(kept([...tables.remarks]))
}
