import { MillraceError } from '../errors.ts'
import { decaySql, type DecayKind } from '../sql/decay.ts'
import { Sql } from '../sql/sql.ts'
import { declaredAt } from './declared-at.ts'
import { describe } from './describe.ts'
import { durationMs } from './duration.ts'
import { isRecord } from './is-record.ts'
import { suggest } from './suggest.ts'

/** What `exponentialDecay` takes: a score, since when it decays, and one of `halfLife` and `ratePerDay`. */
export interface ExponentialDecayOptions {
  /** A number, computed in the query: a column, a subquery that counts, a sum. 0 and less count as 0. */
  readonly score: Sql
  /** Since when it loses worth: a `timestamptz`. */
  readonly at: Sql
  /** After this time half of a score is left: `'7 days'`. */
  readonly halfLife?: string | undefined
  /** Or λ of score·e^(−λ·age), for an age in days. */
  readonly ratePerDay?: number | undefined
}

/** What `linearDecay` takes: a score, since when it decays, and how much of it a day costs. */
export interface LinearDecayOptions {
  /** A number, computed in the query. */
  readonly score: Sql
  /** Since when it loses worth: a `timestamptz`. */
  readonly at: Sql
  /** So much is lost in a day: c of score − c·age, for an age in days. */
  readonly perDay: number
}

/**
 * A score that loses the same part of its worth in equal times: score·e^(−λ·age). To be put into the select list of a read
 * model; readers find in that column the score of the moment at which they ask, a `double precision`, and beside it the
 * column's rank key, in whose order the rows stand at any moment, by an index.
 *
 * ```ts
 * const heat = exponentialDecay({ score: sql`p.points`, at: sql`p.created_at`, halfLife: '7 days' })
 * sql`select p.id, p.title, ${heat} as heat from posts p`
 * ```
 */
export function exponentialDecay(options: ExponentialDecayOptions): Sql {
  const file = declaredAt(exponentialDecay)
  return decayOf('exponential', options, ['halfLife', 'ratePerDay'], file)
}

/** A score that loses the same amount in equal times: score − c·age. It is read and ordered by as `exponentialDecay` is. */
export function linearDecay(options: LinearDecayOptions): Sql {
  return decayOf('linear', options, ['perDay'], declaredAt(linearDecay))
}

function decayOf(kind: DecayKind, options: unknown, rates: readonly string[], file: string | undefined): Sql {
  const refuse = (detail: string, hint: string) => new MillraceError('BAD_DECAY', { detail, hint, file })
  if (!isRecord(options)) throw refuse(`its options are ${describe(options)}`, HINT)
  const { score, at } = options
  for (const [name, part] of Object.entries({ score, at }))
    if (!(part instanceof Sql)) throw refuse(`${name} is ${describe(part)}`, HINT)
  const known = ['score', 'at', ...rates]
  const unknown = Object.keys(options).find((it) => !known.includes(it))
  if (unknown !== undefined) throw refuse(`there is no option "${unknown}"`, suggest(unknown, known))

  const given = rates.filter((it) => options[it] !== undefined)
  const [name = ''] = given
  const one = `Give one of ${rates.map((it) => EXAMPLES[it]).join(', ')}.`
  if (given.length !== 1)
    throw refuse(given.length === 0 ? 'it has no rate' : `it has ${given.join(' and ')}`, one)
  const rate = name === 'halfLife' ? rateOfHalfLife(options[name]) : rateOfDay(options[name])
  if (rate === undefined) throw refuse(`${name} is ${describe(options[name])}`, one)
  return decaySql({ kind, score: score as Sql, at: at as Sql, rate })
}

const HINT = 'Write score and at as sql`…`, over the tables of the query.'
const EXAMPLES: Readonly<Record<string, string>> = {
  halfLife: `halfLife: '7 days'`,
  ratePerDay: 'ratePerDay: 0.1',
  perDay: 'perDay: 2',
}

/** ln 2, times 10^40. */
const LN_2 = 6931471805599453094172321214581765680755n
const LN_2_PLACES = 40
const DAY_SECONDS = 86_400n

function rateOfHalfLife(halfLife: unknown): string | undefined {
  const ms = typeof halfLife === 'string' ? durationMs(halfLife) : undefined
  return ms === undefined ? undefined : quotient({ digits: LN_2 * 1000n, places: LN_2_PLACES }, BigInt(ms))
}

/** More than nothing, and no more than an astronomer would ask for. */
function rateOfDay(perDay: unknown): string | undefined {
  if (typeof perDay !== 'number' || !(perDay >= 1e-9 && perDay <= 1e9)) return undefined
  return quotient(decimalOf(perDay), DAY_SECONDS)
}

interface Decimal {
  readonly digits: bigint
  /** How many of them stand after the point. */
  readonly places: number
}

/** The number as it is printed: 0.1 is a tenth. */
function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const places = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return places < 0 ? { digits: digits * 10n ** BigInt(-places), places: 0 } : { digits, places }
}

/** Places of a rate by the second. Rank keys have 20: after centuries, 10^10 seconds, a rate is still exact enough for all of them. */
const RATE_PLACES = 36

function quotient({ digits, places }: Decimal, divisor: bigint): string {
  const scaled = (digits * 10n ** BigInt(RATE_PLACES)) / (divisor * 10n ** BigInt(places))
  const text = String(scaled).padStart(RATE_PLACES + 1, '0')
  return `${text.slice(0, -RATE_PLACES)}.${text.slice(-RATE_PLACES)}`.replace(/\.?0+$/, '')
}
