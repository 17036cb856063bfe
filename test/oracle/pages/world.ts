import { readModel } from '../../../src/define/read-model.ts'
import { sql } from '../../../src/define/sql.ts'
import type { OrderEntry } from '../../../src/client/reads/order.ts'
import { literal } from '../../../src/sql/sql.ts'
import type { Random } from '../random.ts'

/** Rows with many ties and nulls; `made` differs by microseconds only, and `amount` has more digits than a float. */
export const SCHEMA = `
  create type size as enum ('small', 'large', 'huge');
  create table items (id int primary key, rank int, name text, made timestamptz not null, amount numeric, size size, day date);
  create table marks (item_id int not null, mark int not null);
  create index on marks (item_id);`

export interface Item {
  readonly id: number
  readonly rank: number | null
  readonly name: string | null
  readonly made: Date
  readonly amount: string | null
  readonly size: string | null
  readonly day: Date | null
  readonly marks: string
}

type Name = keyof Item

/** How a random value of a column is written: as a literal. */
const VALUES: Readonly<Record<Exclude<Name, 'id' | 'marks'>, (random: Random) => string>> = {
  rank: (random) => orNull(random, String(random.below(4))),
  name: (random) => orNull(random, literal(random.pick(['a', 'B', 'b', 'ä', `it's "x", 100%`, ''])).text),
  made: (random) => `'2026-01-01 00:00:00.00000${String(random.below(6))}+00'`,
  amount: (random) =>
    orNull(random, random.pick(['1.0', '1.00', '12345678901234567890.5', '-3', `'NaN'`, '0'])),
  size: (random) => orNull(random, `'${random.pick(['small', 'large', 'huge'])}'`),
  day: (random) => orNull(random, `'2026-0${String(random.below(3) + 1)}-01'`),
}

function orNull(random: Random, value: string): string {
  return random.oneIn(4) ? 'null' : value
}

export function insertItem(id: number, random: Random): string {
  const values = Object.values(VALUES).map((it) => it(random))
  return `insert into items values (${[id, ...values].join(', ')})`
}

export function changeItem(id: number, random: Random): string {
  const [name, value] = random.pick(Object.entries(VALUES))
  if (random.oneIn(4)) return `insert into marks values (${String(id)}, 1)`
  return `update items set ${name} = ${value(random)} where id = ${String(id)}`
}

/** An index, as entries of ORDER BY. */
type Index = readonly { readonly name: Name; readonly suffix: string }[]

export function randomIndexes(random: Random): readonly Index[] {
  const names: readonly Name[] = ['rank', 'name', 'made', 'amount', 'size', 'day', 'marks']
  return [0, 1, 2, 3, 4, 5].map(() => {
    const columns = [0, 1, 2].map(() => random.pick(names))
    const distinct = [...new Set<Name>(random.oneIn(2) ? [...columns, 'id'] : columns)]
    return distinct.map((name) => ({ name, suffix: random.pick(SUFFIXES) }))
  })
}

const SUFFIXES = ['', ' desc', ' nulls first', ' desc nulls last'] as const

/** The same from its end. */
const OPPOSITE: Readonly<Record<string, string>> = {
  '': ' desc',
  ' desc': '',
  ' nulls first': ' desc nulls last',
  ' desc nulls last': ' nulls first',
}

const QUERY = sql<Item>`
  select i.id, i.rank, i.name, i.made, i.amount, i.size, i.day,
         (select count(*) from marks m where m.item_id = i.id) as marks
  from items i`

/** What the pages are to agree with. */
export const DEFINITION = `(${QUERY.text})`

export function modelOf(indexes: readonly Index[]) {
  return readModel('shown_items', {
    key: 'id',
    freshness: 'eventual',
    query: QUERY,
    indexes: indexes.map((index) => index.map(({ name, suffix }) => `${name}${suffix}`)),
  })
}

export interface Walk {
  readonly orderBy: readonly OrderEntry<Item>[]
  readonly where: object
  readonly n: number
  /** The same in SQL. */
  readonly condition: string
  readonly order: string
}

/** Pages that an index serves: values for its first columns, an order by the next, bounds for any. */
export function randomWalk(indexes: readonly Index[], random: Random): Walk {
  const index = random.pick(indexes)
  const fixed = random.below(index.length)
  const isTurned = random.oneIn(2)
  const ordered = index.slice(fixed, fixed + 1 + random.below(index.length - fixed))
  const entries = ordered.map(({ name, suffix }) => `${name}${isTurned ? (OPPOSITE[suffix] ?? '') : suffix}`)
  const conditions = [
    ...index.slice(0, fixed).map(({ name }) => equalTo(name, random)),
    ...(random.oneIn(2) ? [bounded(random.pick(index).name, random)] : []),
  ]
  // A later condition of one column would take the place of an earlier one.
  const distinct = conditions.filter((it, i) => conditions.findIndex(({ name }) => name === it.name) === i)
  return {
    orderBy: entries as readonly OrderEntry<Item>[],
    where: Object.fromEntries(distinct.map(({ name, given }) => [name, given])),
    n: random.below(9) + 1,
    condition: ['true', ...distinct.map((it) => it.condition)].join(' and '),
    order: [...entries, 'id'].join(', '),
  }
}

interface Asked {
  readonly name: string
  readonly given: unknown
  readonly condition: string
}

const GIVEN: Readonly<Record<Name, readonly string[]>> = {
  id: ['1', '7'],
  rank: ['0', '1', '2'],
  name: ['a', 'b', `it's "x", 100%`],
  made: ['2026-01-01T00:00:00.000002Z', '2026-01-01T00:00:00.000004Z'],
  amount: ['1', '12345678901234567890.5', 'NaN'],
  size: ['small', 'large'],
  day: ['2026-01-01', '2026-02-01'],
  marks: ['0', '1'],
}

function equalTo(name: Name, random: Random): Asked {
  if (random.oneIn(4)) return { name, given: null, condition: `${name} is null` }
  const value = random.pick(GIVEN[name])
  return { name, given: value, condition: `${name} = ${literal(value).text}` }
}

function bounded(name: Name, random: Random): Asked {
  const value = random.pick(GIVEN[name])
  const text = literal(value).text
  switch (random.below(3)) {
    case 0:
      return { name, given: { gte: value }, condition: `${name} >= ${text}` }
    case 1:
      return { name, given: { lt: value }, condition: `${name} < ${text}` }
    default: {
      const [one = value, other = value] = GIVEN[name]
      const list = `${literal(one).text}, ${literal(other).text}`
      return random.oneIn(2)
        ? { name, given: [one, other], condition: `${name} in (${list})` }
        : { name, given: [one, null], condition: `(${name} = ${literal(one).text} or ${name} is null)` }
    }
  }
}
