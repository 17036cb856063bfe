import type { RankOptions } from './leaderboard.ts'
import type { Freshness } from './read-model.ts'
import type { Carries, KeyColumns } from './row.ts'

/**
 * What is needed to read a read model: a declaration is one, and `millrace types` writes others, for programs that have no
 * declarations.
 */
export interface ModelReference<Row = object, Key extends KeyColumns = KeyColumns> extends Carries<Row> {
  readonly kind: 'readModel'
  readonly name: string
  /** `public` unless said otherwise. */
  readonly schema?: string | undefined
  readonly key: Key
  readonly freshness: Freshness
  /** Of a leaderboard. */
  readonly leaderboard?: Pick<RankOptions, 'within'> | undefined
}
