import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import type { PlanColumn, PlanDecay } from './plan.ts'

/**
 * Scores that decay. Stored is what orders them, the rank key, which time does not change: of score·e^(−λ·age) it is
 * ln(score) + λ·(at − t₀), of score − c·age it is score + c·(at − t₀). For two rows the difference of the logarithms of their
 * scores, or of the scores, is that of their rank keys at any moment. (Forward decay: Cormode, Shkapenyuk, Srivastava
 * and Xu, 2009.)
 *
 * Rank keys are decimal numbers of 20 places: however long λ·(at − t₀) has grown, scores keep their order that differ by a part in
 * 10^19, of a linear decay by 10^−20. A float of 53 bits would have lost six of its digits after some decades of a half-life of an hour; and the logarithm of
 * a float is the C library's, which is another after an upgrade, where that of a decimal is PostgreSQL's own.
 */
const PLACES = 20
/** t₀ in seconds of the Unix epoch: 2000-01-01 00:00 UTC. Rank keys are small in our time. */
const SINCE = 946_684_800

/** Beyond these an exponential is no float any more; PostgreSQL raises an error then. */
const EXPONENTS = { least: trusted('-700'), most: trusted('700') }

/** The rank key of a row. Immutable, so that it can be a generated column. */
export function rankKey({ kind, rate }: PlanDecay, score: Sql, at: Sql): Sql {
  const grown = sql`${secondsOf(at)} * ${trusted(rate)}`
  const places = trusted(String(PLACES))
  if (kind === 'linear') return sql`round(${score} + ${grown}, ${places})`
  // The logarithm has as many places as its argument, so that one gets some more.
  const precise = sql`${score} * ${trusted(`1.${'0'.repeat(PLACES + 4)}`)}`
  return sql`case when ${score} > 0 then round(ln(${precise}) + ${grown}, ${places})
         when ${score} <= 0 and ${at} is not null then '-Infinity'::numeric end`
}

/** The score of this moment, as a float. It falls as the rank key does, whatever the floats are rounded to. */
export function decayedScore({ kind, rate }: PlanDecay, key: Sql): Sql {
  const score = sql`(${key} - ${secondsOf(trusted('now()'))} * ${trusted(rate)})::float8`
  if (kind === 'linear') return score
  const { least, most } = EXPONENTS
  return sql`case when ${score} < ${least} then 0
       when ${score} <= ${most} then exp(${score})
       else ${score} * 'Infinity' end`
}

/** Since t₀, to the microsecond. By way of UTC, for what depends on the session's time zone is not immutable. */
function secondsOf(moment: Sql): Sql {
  return sql`(extract(epoch from (${moment} at time zone 'UTC')) - ${trusted(String(SINCE))})`
}

/** A column as readers see it. */
export interface ReaderColumn extends Omit<PlanColumn, 'hidden'> {
  /** Its value, from the columns of the stored table. */
  readonly value: (column: (name: string) => Sql) => Sql
}

/** What readers see of stored rows: a decayed score in the place of its parts, and its rank key beside it. */
export function readerColumns({
  columns,
  decays = [],
}: {
  readonly columns: readonly PlanColumn[]
  readonly decays?: readonly PlanDecay[] | undefined
}): readonly ReaderColumn[] {
  return columns.flatMap(({ name, type, collation, hidden }): readonly ReaderColumn[] => {
    const decay = decays.find((it) => it.score === name)
    if (decay === undefined) return hidden ? [] : [{ name, type, collation, value: (column) => column(name) }]
    const { column: own, rankKey: key } = decay
    return [
      {
        name: own,
        type: 'double precision',
        collation: null,
        value: (column) => decayedScore(decay, column(key)),
      },
      { name: key, type: 'numeric', collation: null, value: (column) => column(key) },
    ]
  })
}

/** A select list of what readers see. */
export function readerList(columns: readonly ReaderColumn[]): Sql {
  return join(
    columns.map(({ name, value }) => {
      const { text } = value((it) => ident(it))
      const own = ident(name)
      return text === own.text ? own : sql`${trusted(text)} as ${own}`
    }),
  )
}

/** The same with rank keys in the place of scores: rows in the order of these are in the order of the scores. */
export function orderedList(columns: readonly ReaderColumn[], decays: readonly PlanDecay[]): Sql {
  return join(
    columns.map(({ name }) => {
      const decay = decays.find((it) => it.column === name)
      return decay === undefined ? ident(name) : sql`${ident(decay.rankKey)} as ${ident(name)}`
    }),
  )
}

/**
 * The rank keys of rows of the query itself, under the names that they have in the stored table. OFFSET keeps the planner from
 * evaluating a score as often as it is named.
 */
export function computedRankKeys(decays: readonly PlanDecay[], row: string): Sql {
  if (decays.length === 0) return trusted('')
  const parts = decays.flatMap(({ score, at }) => [ident(row, score), ident(row, at)])
  const keys = decays.map(
    (it) => sql`${rankKey(it, ident('given', it.score), ident('given', it.at))} as ${ident(it.rankKey)}`,
  )
  return sql`
cross join lateral (
  select ${join(keys, ',\n         ')}
  from (select ${join(parts)} offset 0) as given
  offset 0
) as rank_keys`
}

/** The columns of a stored table that PostgreSQL computes from the others. */
export function generatedColumns(decays: readonly PlanDecay[]): readonly Sql[] {
  return decays.map(
    (it) =>
      sql`${ident(it.rankKey)} numeric generated always as (${rankKey(it, ident(it.score), ident(it.at))}) stored`,
  )
}
