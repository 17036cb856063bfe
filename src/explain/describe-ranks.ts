import type { Plan } from '../compile/plan.ts'

/** One of the orders in which a leaderboard's rows are ranked, and what a rank in it costs. */
export interface DescribedRanks {
  /** `points desc`, `joined_at`, `id`. */
  readonly order: readonly string[]
  /** Columns within whose values it ranks; none: all rows. */
  readonly within: readonly string[]
  /** Levels of counts above the buckets: of each, a rank sums up what one entry holds. */
  readonly levels: number
  /** The most that an entry of a level holds, and a bucket of rows. */
  readonly most: number
}

/** `rows`: how many there are, as the planner has it. All could be of one group, so each tree may be as high. */
export function describeRanks({ leaderboard }: Plan, rows: number): readonly DescribedRanks[] {
  if (leaderboard === undefined) return []
  const { order, bucket, trees } = leaderboard
  const names = order.map(({ column, isDescending }) => (isDescending ? `${column} desc` : column))
  const levels = Math.max(0, Math.ceil(Math.log(rows / bucket) / Math.log(bucket)))
  return trees.map(({ within }) => ({ order: names, within, levels, most: 2 * bucket }))
}
