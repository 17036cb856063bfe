import { createHash } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { installModels } from '../../support/models.ts'
import { withTransaction, type Client } from '../../../src/pg/client.ts'
import type { Random } from '../random.ts'
import { noteStates } from './page-world.ts'

export const PAIRS = 4
export const ITEMS_OF_PAIR = 5
const KINDS = ['a', 'b', null] as const

/**
 * Every version of an item has a number of its own, which its clock keeps when the item is deleted; and what one item of a pair
 * gains another loses. So it can be told of every state that somebody sees whether it ever was.
 */
const SCHEMA = `
  create table clocks (id int primary key, seq int not null default 0);
  create table items (id int primary key, seq int not null, pair int not null, kind text, balance int not null);
  create index on items (pair, kind);
  insert into clocks select i from generate_series(1, ${String(PAIRS * ITEMS_OF_PAIR)}) as i;
  insert into items select i, 0, i % ${String(PAIRS)}, null, 0 from generate_series(1, ${String(PAIRS * ITEMS_OF_PAIR)}) as i;`

const MODELS = [
  {
    name: 'live_items',
    key: 'id',
    query: `select i.id, i.seq, c.seq as clock, i.pair, i.kind, i.balance, md5(i.id || '/' || i.seq) as payload
            from items i join clocks c on c.id = i.id`,
    indexes: [['balance desc'], ['pair', 'balance desc'], ['kind', 'seq desc']].map((columns) => ({
      columns,
    })),
  },
  {
    name: 'live_pairs',
    key: 'pair',
    freshness: 'immediate' as const,
    query: 'select pair, sum(balance) as total, count(*) as items from items group by pair',
  },
  {
    name: 'live_kinds',
    key: ['pair', 'kind'],
    query: 'select pair, kind, sum(balance) as total, count(*) as items from items group by pair, kind',
  },
]

export async function makeWorld(): Promise<TestDatabase> {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await noteStates(owner, await installModels(owner, MODELS))
  return database
}

/** One transaction of a writer. */
export async function write(client: Client, random: Random): Promise<void> {
  const pair = random.below(PAIRS)
  await withTransaction(client, {}, async () => {
    const items = await client.query<{ id: number; balance: number }>(
      'select id, balance from items where pair = $1 order by id for update',
      [pair],
    )
    const [one, other] = [random.below(items.length || 1), random.below(items.length || 1)].map(
      (i) => items[i],
    )
    switch (random.below(5)) {
      case 0:
        await insert(client, pair, random)
        return
      case 1:
        if (one !== undefined && other !== undefined && one.id !== other.id) await remove(client, one, other)
        return
      case 2:
        await change(client, items, random)
        return
      default:
        if (one !== undefined && other !== undefined)
          await transfer(client, one.id, other.id, random.below(9))
    }
  })
}

const NEXT = `with clock as (update clocks set seq = seq + 1 where id = any ($1) returning id, seq)`

async function insert(client: Client, pair: number, random: Random): Promise<void> {
  const id = pair + PAIRS * random.below(ITEMS_OF_PAIR)
  await client.query(
    `${NEXT} insert into items select id, seq, $2, $3, 0 from clock on conflict (id) do update set seq = excluded.seq`,
    [[id === 0 ? PAIRS : id], pair, random.pick(KINDS)],
  )
}

/** What it had goes to another. */
async function remove(
  client: Client,
  { id, balance }: { id: number; balance: number },
  heir: { id: number },
) {
  await client.query(`${NEXT} select`, [[id]])
  await client.query('delete from items where id = $1', [id])
  await client.query(
    `${NEXT} update items set seq = clock.seq, balance = balance + $2 from clock where items.id = clock.id`,
    [[heir.id], balance],
  )
}

async function change(client: Client, items: readonly { id: number }[], random: Random): Promise<void> {
  await client.query(
    `${NEXT} update items set seq = clock.seq, kind = $2 from clock where items.id = clock.id`,
    [items.filter(() => random.oneIn(2)).map(({ id }) => id), random.pick(KINDS)],
  )
}

async function transfer(client: Client, from: number, to: number, amount: number): Promise<void> {
  for (const [id, gain] of [
    [from, -amount],
    [to, amount],
  ] as const) {
    await client.query(
      `${NEXT} update items set seq = clock.seq, balance = balance + $2 from clock where items.id = clock.id`,
      [[id], gain],
    )
  }
}

export type Seen = Readonly<Record<string, unknown>> | null

export interface Subject {
  readonly model: string
  readonly keys: readonly (number | Readonly<Record<string, unknown>>)[]
  /** The rows of these keys, by the model's own query as it is stored, in their order. */
  readonly rows: (client: Client) => Promise<readonly Seen[]>
  /** What is wrong with a state that somebody was told of; undefined if it may have been. */
  readonly problem: (rows: readonly Seen[]) => string | undefined
}

/** What a subscriber follows: all keys of a pair, so that their sums can be told, or some of all. */
export function drawSubject(random: Random): Subject {
  const pair = random.below(PAIRS)
  const ids = Array.from(
    { length: ITEMS_OF_PAIR },
    (_, i) => (i === 0 && pair === 0 ? ITEMS_OF_PAIR : i) * PAIRS + pair,
  )
  switch (random.below(4)) {
    case 0:
      return pairs(Array.from({ length: PAIRS }, (_, i) => i).filter(() => !random.oneIn(3)))
    case 1:
      return kinds(pair)
    case 2:
      return items(
        [...new Set([...ids.filter(() => random.oneIn(2)), 1, PAIRS * ITEMS_OF_PAIR + 7])],
        () => undefined,
      )
    default:
      return items(ids, (rows) => sumProblem(rows, 'balance'))
  }
}

function items(ids: readonly number[], sums: Subject['problem']): Subject {
  return {
    model: 'live_items',
    keys: ids,
    rows: async (client) =>
      inOrder(ids, await client.query('select * from live_items where id = any ($1)', [ids]), ({ id }) => id),
    problem: (rows) => rows.map(itemProblem).find((it) => it !== undefined) ?? sums(rows),
  }
}

function itemProblem(row: Seen): string | undefined {
  if (row === null) return undefined
  const { id, seq, clock, payload } = row
  const expected = createHash('md5')
    .update(`${String(id)}/${String(seq)}`)
    .digest('hex')
  return payload === expected && clock === seq ? undefined : `never was: ${JSON.stringify(row)}`
}

function sumProblem(rows: readonly Seen[], column: string): string | undefined {
  const sum = rows.reduce((total, row) => total + Number(row?.[column] ?? 0), 0)
  return sum === 0 ? undefined : `of no one moment: ${JSON.stringify(rows)}`
}

function pairs(numbers: readonly number[]): Subject {
  const keys = numbers.length === 0 ? [1] : numbers
  return {
    model: 'live_pairs',
    keys,
    rows: async (client) =>
      inOrder(
        keys,
        await client.query('select * from live_pairs where pair = any ($1)', [keys]),
        (it) => it['pair'],
      ),
    problem: (rows) => rows.map((row) => sumProblem([row], 'total')).find((it) => it !== undefined),
  }
}

function kinds(pair: number): Subject {
  const keys = KINDS.map((kind) => ({ kind, pair }))
  return {
    model: 'live_kinds',
    keys,
    rows: async (client) =>
      inOrder(
        KINDS,
        await client.query('select * from live_kinds where pair = $1', [pair]),
        (it) => it['kind'],
      ),
    problem: (rows) => sumProblem(rows, 'total'),
  }
}

function inOrder<Key>(
  keys: readonly Key[],
  rows: readonly Readonly<Record<string, unknown>>[],
  keyOf: (row: Readonly<Record<string, unknown>>) => unknown,
): readonly Seen[] {
  return keys.map((key) => rows.find((row) => keyOf(row) === key) ?? null)
}
