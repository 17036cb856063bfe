import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { randomFrom } from '../../test/oracle/random.ts'
import { SEED } from '../../test/support/seed.ts'
import { exponentialDecay, linearDecay } from '../define/decay.ts'
import { sql as piece } from '../define/sql.ts'
import type { Client } from '../pg/client.ts'
import { asDecay } from '../sql/decay.ts'
import { loadParser, parseExpression } from '../sql/parse.ts'
import { ident, literal, sql, trusted, type Sql } from '../sql/sql.ts'
import { decayedScore, rankKey } from './decay.ts'
import type { PlanDecay } from './plan.ts'

const ROWS = 300

const at = piece`at`
const score = piece`score`
const DECAYS: readonly (readonly [string, Sql])[] = [
  ['a half-life of a minute', exponentialDecay({ score, at, halfLife: '1 minute' })],
  ['a half-life of a week', exponentialDecay({ score, at, halfLife: '1 week' })],
  ['a half-life of ten years', exponentialDecay({ score, at, halfLife: '3650 days' })],
  ['a tenth of e a day', exponentialDecay({ score, at, ratePerDay: 0.1 })],
  ['two a day', linearDecay({ score, at, perDay: 2 })],
  ['a millionth a day', linearDecay({ score, at, perDay: 1e-6 })],
]

/** From now on: until nobody is left who wrote it. */
const MOMENTS = ['2026-01-01', '2026-01-01 00:00:01', '2026-02-01', '2029-06-01', '2046-01-01', '2126-01-01']

/** The order of rank keys at a moment, against that of the plain formulas, exact and in floats. */
function comparison(decay: PlanDecay, moment: string): string {
  const now = sql`${literal(`${moment} UTC`)}::timestamptz`
  const shown = trusted(decayedScore(decay, trusted('key')).text.replaceAll('now()', now.text))
  const age = sql`(extract(epoch from ${now}) - extract(epoch from at)) * ${trusted(decay.rate)}`
  const isLinear = decay.kind === 'linear'
  // An exponential has as many places as its exponent, and sixteen digits at least.
  const exact = isLinear
    ? sql`score - ${age}`
    : sql`greatest(score, 0) * exp(least(-(${age}), 2000) + 0.${trusted('0'.repeat(60))})`
  // A float that a formula computes is out of range long before its row is.
  const floats = isLinear
    ? sql`score::float8 - (${age})::float8`
    : sql`case when abs(${age}) < 200 then greatest(score, 0)::float8 * exp((-(${age}))::float8) end`
  // So small that numeric has no sixteen digits for it.
  const least = isLinear ? '-1e30' : '1e-950'
  const [slack, floatSlack] = isLinear
    ? [sql`exact - 1e-18`, sql`floats - 1e-18 - 1e-9 * (abs(floats) + abs(score)::float8)`]
    : [sql`exact * (1 - 1e-13)`, sql`floats * (1 - 1e-9)`]
  return sql`with given as (select *, ${rankKey(decay, ident('score'), ident('at'))} as key from scores),
computed as (select *, ${shown} as shown, ${exact} as exact, ${floats} as floats from given),
neighbours as (
  select *, lag(key) over order_of as above, lag(shown) over order_of as shown_above,
         lag(exact) over order_of as exact_above, lag(floats) over order_of as floats_above
  from computed where key is not null
  window order_of as (order by key desc, id)
)
select count(*) filter (where shown_above < shown)::int as "shown out of order",
       count(*) filter (where exact_above < ${slack} and exact > ${trusted(least)})::int as "exact out of order",
       count(*) filter (where floats_above < ${floatSlack})::int as "floats out of order",
       count(*) filter (where above = key and (exact < ${trusted(slack.text.replaceAll('exact', 'exact_above'))}) and exact_above > ${trusted(least)})::int as "unequal and tied",
       count(*) filter (where above = key)::int as ties,
       count(*) filter (where above > key and (floats_above = floats or shown_above = shown))::int as "equal floats in order"
from neighbours`.text
}

async function makeScores(client: Client): Promise<void> {
  const random = randomFrom(SEED)
  const scores = () =>
    random.pick([
      '0',
      '-3',
      '1',
      '2',
      String(random.below(100)),
      String(random.below(1e9) / 1e6),
      '1e-200',
      '1e200',
    ])
  const moments = () =>
    random.pick([
      // Some at one moment, some a half-life apart, some of the time before computers.
      `2026-01-01`,
      `2025-12-25`,
      `2025-12-31 23:59`,
      `1926-01-01`,
      new Date(Date.UTC(2026, 0, 1) - random.below(3_600_000)).toISOString(),
      new Date(Date.UTC(2026, 0, 1) - random.below(4e9) * random.below(300)).toISOString(),
    ])
  await client.query('create temporary table scores (id int, score numeric, at timestamptz)')
  for (let id = 0; id < ROWS; id += 1)
    await client.query('insert into scores values ($1, $2, $3)', [id, scores(), moments()])
}

test('rows stand in the order of the plain formula at any moment', { timeout: 0 }, async () => {
  await loadParser()
  const client = await (await createTestDatabase()).connect('owner')
  await makeScores(client)
  const sums = { ties: 0, 'equal floats in order': 0 }
  for (const [name, text] of DECAYS) {
    const decay = decayOf(text)
    for (const moment of MOMENTS) {
      const [found] = await client.query<Record<string, number>>(comparison(decay, moment))
      expect(found, `${name}, at ${moment}`).toMatchObject({
        'shown out of order': 0,
        'exact out of order': 0,
        'floats out of order': 0,
        'unequal and tied': 0,
      })
      sums.ties += found?.['ties'] ?? 0
      sums['equal floats in order'] += found?.['equal floats in order'] ?? 0
    }
  }
  // Where floats say that rows are equal, for they are near 0 or agree in 15 digits, the exact numbers still order them.
  console.info(JSON.stringify(sums))
  expect(Math.min(...Object.values(sums))).toBeGreaterThan(0)
})

test('what is no score, and what is beyond all floats, can be read', async () => {
  await loadParser()
  const client = await (await createTestDatabase()).connect('owner')
  const read = async (given: Sql, score: string, moment: string) => {
    const decay = decayOf(given)
    const key = rankKey(decay, sql`${literal(score)}::numeric`, sql`${literal(moment)}::timestamptz`)
    const [row] = await client.query<{ key: string | null; shown: number | null }>(
      sql`select key, ${decayedScore(decay, trusted('key'))} as shown from (select ${key} as key) as k`.text,
    )
    return row
  }
  const week = exponentialDecay({ score, at, halfLife: '1 week' })
  expect(await read(week, '0', '2026-01-01')).toEqual({ key: '-Infinity', shown: 0 })
  expect(await read(week, '-7', '2026-01-01')).toEqual({ key: '-Infinity', shown: 0 })
  expect(await read(week, 'NaN', '2026-01-01')).toEqual({ key: 'NaN', shown: NaN })
  expect(await read(week, 'Infinity', '2026-01-01')).toEqual({ key: 'Infinity', shown: Infinity })
  expect(await read(week, '5', 'infinity')).toEqual({ key: 'Infinity', shown: Infinity })
  expect(await read(week, '5', '-infinity')).toEqual({ key: '-Infinity', shown: 0 })
  expect(await read(week, '5', '0001-01-01')).toMatchObject({ shown: 0 })
  expect(await read(week, '5', '9999-01-01')).toMatchObject({ shown: Infinity })
  const linear = linearDecay({ score, at, perDay: 2 })
  expect(await read(linear, '-7', 'infinity')).toEqual({ key: 'Infinity', shown: Infinity })
})

test('a score loses what was declared', async () => {
  await loadParser()
  const client = await (await createTestDatabase()).connect('owner')
  const after = async (given: Sql, days: number) => {
    const decay = decayOf(given)
    const key = rankKey(decay, sql`12::numeric`, trusted(`(now() - interval '${String(days)} days')`))
    const [row] = await client.query<{ shown: number }>(
      sql`select ${decayedScore(decay, trusted('key'))} as shown from (select ${key} as key) as k`.text,
    )
    return row?.shown
  }
  expect(await after(exponentialDecay({ score, at, halfLife: '1 week' }), 7)).toBeCloseTo(6, 12)
  expect(await after(exponentialDecay({ score, at, halfLife: '1 week' }), 14)).toBeCloseTo(3, 12)
  expect(await after(exponentialDecay({ score, at, ratePerDay: 0.1 }), 10)).toBeCloseTo(12 / Math.E, 12)
  expect(await after(linearDecay({ score, at, perDay: 2 }), 5)).toBeCloseTo(2, 12)
  expect(await after(linearDecay({ score, at, perDay: 1e-3 }), 5)).toBeCloseTo(11.995, 12)
})

function decayOf(text: Sql): PlanDecay {
  const found = asDecay(parseExpression(text.text))
  if (found === undefined) throw new Error('no decay')
  return { column: 'heat', kind: found.kind, rate: found.rate, score: 'score', at: 'at', rankKey: 'key' }
}
