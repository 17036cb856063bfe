import type { RankOptions } from './leaderboard.ts'
import type { Freshness } from './read-model.ts'
import type { Carries, KeyColumns } from './row.ts'

/**
 * What is needed to read a read model: a declaration is one, and `millrace types` writes others, for programs that have no
 * declarations.
 */
export interface ModelReference<Row = object, Key extends KeyColumns = KeyColumns> extends Carries<Row> {
  readonly kind: 'readModel'
  /** Of the read model, without its schema. */
  readonly name: string
  /** `public` unless said otherwise. */
  readonly schema?: string | undefined
  /** The columns that identify a row: one, or a list. */
  readonly key: Key
  /** How soon it shows a change, as it is declared. */
  readonly freshness: Freshness
  /** Of a leaderboard. */
  readonly leaderboard?: Pick<RankOptions, 'within'> | undefined
}
