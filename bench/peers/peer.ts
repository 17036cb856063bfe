import type { Connection } from '../../src/pg/client.ts'

/** One way to keep `counters (project_id, votes)` beside the table of votes. */
export interface Peer {
  /** As it is chosen on the command line. */
  readonly name: string
  readonly title: string
  /** Makes `counters` and whatever keeps it. The votes are there already. */
  readonly setUp: readonly string[]
  readonly tearDown: readonly string[]
  /** False for the bare table, which has no counters that could be wrong. */
  readonly hasCounters: boolean
  /** True where counters follow the votes instead of changing with them: they are waited for at the end. */
  readonly isEventual: boolean
  /** Why this server cannot have it, if it cannot. */
  readonly obstacle?: (client: Connection) => Promise<string | undefined>
  /** What SQL alone cannot do; begins after `setUp`, ends before `tearDown`. */
  readonly start?: (url: string) => Promise<Started>
}

export interface Started {
  stop(): Promise<void>
}
