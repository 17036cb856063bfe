import { declaredAt } from './declared-at.ts'
import type { Query } from './query.ts'
import type { ReadModel, ReadModelOptions } from './read-model.ts'
import type { RowOfQuery } from './row-of-query.ts'
import type { KeyColumns } from './row.ts'

/** How the rows of a leaderboard are ranked. */
export interface RankOptions {
  /** An output column with `asc` (where nothing is said) or `desc`. A row without a score is not ranked. */
  readonly score: string
  /**
   * What decides between rows of one score, in order: output columns with `asc` or `desc`, nulls as ORDER BY has them. The key
   * comes last of itself, so no two rows have one rank.
   */
  readonly ties: readonly string[]
  /** Lists of output columns within whose values rows are ranked too: `[['country'], ['country', 'category']]`. */
  readonly within: readonly (readonly string[])[]
}

/** What `leaderboard` takes beside its name: the options of a read model, and how its rows are ranked. */
export interface LeaderboardOptions<Key extends KeyColumns = KeyColumns>
  extends
    Omit<ReadModelOptions<Key>, 'freshness' | 'onError'>,
    Pick<RankOptions, 'score'>,
    Partial<Pick<RankOptions, 'ties' | 'within'>> {
  /** Ranks are as exact as the read model: at its watermark. */
  readonly freshness?: 'eventual' | undefined
}

/** A declared leaderboard: a read model whose rows are ranked. */
export type Leaderboard<Row = object, Key extends KeyColumns = KeyColumns> = ReadModel<Row, Key> & {
  readonly leaderboard: RankOptions
}

/**
 * Declares a read model whose rows are ranked: the first of them, the rank of one, the rows around one and the like take a
 * time that hardly grows with the number of rows.
 *
 * ```ts
 * export const builders = leaderboard('top_builders', {
 *   key: 'id',
 *   query: sql`select u.id, u.country, u.joined_at, (select sum(v.points) from votes v where v.user_id = u.id) as points from users u`,
 *   score: 'points desc',
 *   ties: ['joined_at'],
 *   within: [['country']],
 * })
 * ```
 */
export function leaderboard<Q extends Query, const Key extends KeyColumns<RowOfQuery<Q>>>(
  name: string,
  options: LeaderboardOptions<Key> & { readonly query: Q },
): Leaderboard<RowOfQuery<Q>, Key> {
  const { score, ties = [], within = [], freshness = 'eventual', ...model } = options
  return Object.freeze({
    ...model,
    freshness,
    leaderboard: { score, ties, within },
    kind: 'readModel',
    name,
    declaredAt: declaredAt(leaderboard),
  })
}
