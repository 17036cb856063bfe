import { takeToken } from '../../src/client/take-token.ts'
import type { Client } from '../../src/pg/client.ts'
import { isConflict } from './conflicts.ts'
import type { Random } from './random.ts'
import { ITEMS, MAKERS, type Change, type CountingModel } from './token-tables.ts'

/** The least that a reader must find under a key once the token has been passed. */
export interface Expected {
  readonly model: CountingModel
  readonly key: number
  readonly counters: readonly bigint[]
}

export interface Written {
  readonly token: string | null
  readonly end: 'committed' | 'rolled back' | 'prepared'
  readonly expected: readonly Expected[]
}

/**
 * One random transaction: changes, some of them taken back, some that no model cares about. Null if PostgreSQL refused it
 * for a conflict with another one. `beforeEnd` runs when all is written and not yet committed.
 */
export async function writeRandomly(
  client: Client,
  random: Random,
  { name, models }: { readonly name: string; readonly models: readonly CountingModel[] },
  beforeEnd: () => Promise<void>,
): Promise<Written | null> {
  const isolation = random.pick(['read committed', 'read committed', 'repeatable read', 'serializable'])
  const end = random.oneIn(8) ? 'rolled back' : random.oneIn(8) ? 'prepared' : 'committed'
  try {
    await client.query(`begin isolation level ${isolation}`)
    const { token, changes } = await changeRandomly(client, random)
    const expected = end === 'rolled back' ? [] : await expectedOf(client, changes, models)
    await beforeEnd()
    await finish(client, end, name)
    return { token, end, expected }
  } catch (error) {
    if (!isConflict(error)) throw error
    await client.query('rollback')
    return null
  }
}

interface Touched {
  readonly change: Change
  readonly id: number
}

/** The token is taken at a random place after the first write, and stands for all of them. */
async function changeRandomly(
  client: Client,
  random: Random,
): Promise<{ token: string | null; changes: readonly Touched[] }> {
  const changes: Touched[] = []
  let token: string | null = null
  const count = 1 + random.below(3)
  for (let i = 0; i < count; i += 1) {
    if (random.oneIn(4)) await client.query(random.pick(IRRELEVANT))
    else {
      const touched = randomChange(random)
      const isTakenBack = random.oneIn(5)
      if (isTakenBack) await client.query('savepoint here')
      await client.query(CHANGES[touched.change], [touched.id])
      if (isTakenBack) await client.query('rollback to savepoint here')
      else changes.push(touched)
    }
    if (random.oneIn(2)) token ??= await takeToken(client)
  }
  token ??= await takeToken(client)
  return { token, changes }
}

const IRRELEVANT = [
  `insert into diary values ('nobody reads this')`,
  `update makers set note = 'not in any query' where id = 1`,
  `update items set version = version where id = 1`,
  'select count(*) from items',
]

const CHANGES: Readonly<Record<Change, string>> = {
  item: 'update items set version = version + 1 where id = $1',
  'every item': 'update items set version = version + 1 where $1::int > 0',
  maker: 'update makers set version = version + 1 where id = $1',
  event: 'insert into events values ($1)',
}

function randomChange(random: Random): Touched {
  const change = random.pick<Change>(['item', 'item', 'event', 'event', 'event', 'maker'])
  if (random.oneIn(30)) return { change: 'every item', id: 1 }
  return { change, id: 1 + random.below(change === 'maker' ? MAKERS : ITEMS) }
}

/** What the models' own queries say in the writer's transaction, for the keys that it has touched itself. */
async function expectedOf(
  client: Client,
  changes: readonly Touched[],
  models: readonly CountingModel[],
): Promise<readonly Expected[]> {
  const expected: Expected[] = []
  for (const model of models) {
    const keys = new Set<number>()
    for (const { change, id } of changes) {
      const statement = model.keys[change]
      if (statement === undefined) continue
      const rows = await client.query<Record<string, number>>(statement, [id])
      for (const key of rows.flatMap(Object.values<number>)) keys.add(key)
    }
    const rows =
      keys.size === 0 ? [] : await readKeys(client, `(${model.whole ?? model.query})`, model, [...keys])
    expected.push(...rows.map(({ key, counters }) => ({ model, key, counters })))
  }
  return expected
}

/** Rows of a read model, or of its query, with further columns that the caller asks for. */
export async function readKeys<More extends object>(
  client: Client,
  from: string,
  { key, counters }: CountingModel,
  keys: readonly number[],
  more = '',
  values: readonly unknown[] = [],
): Promise<readonly ({ readonly key: number; readonly counters: readonly bigint[] } & More)[]> {
  const rows = await client.query<{ key: number; counters: readonly string[] } & More>(
    `select ${key} as key, array[${counters.join(', ')}]::text[] as counters${more}
     from ${from} as rows
     where ${key} = any ($1::int[])`,
    [keys, ...values],
  )
  return rows.map((row) => ({ ...row, counters: row.counters.map(BigInt) }))
}

async function finish(client: Client, end: Written['end'], name: string): Promise<void> {
  if (end === 'rolled back') await client.query('rollback')
  else if (end === 'committed') await client.query('commit')
  else {
    await client.query(`prepare transaction '${name}'`)
    await client.query(`commit prepared '${name}'`)
  }
}
