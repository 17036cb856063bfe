import type { Client } from '../../src/pg/client.ts'
import type { KeptModel } from '../subjects/subject.ts'

/** One way to keep a subject's read model beside the tables that it reads. */
export interface Peer {
  /** As it is chosen on the command line. */
  readonly name: string
  readonly title: string
  /** Makes the model and whatever keeps it. The sources are there already. */
  readonly setUp: readonly string[]
  /** What does not go with the schema that the tables are in. */
  readonly tearDown: readonly string[]
  /** False for the bare tables, which keep nothing that could be wrong. */
  readonly keepsModel: boolean
  /** True where the model follows its sources instead of changing with them: it is waited for at the end. */
  readonly isEventual: boolean
  /** Where a reader who wants the truth of this moment reads: it stands after FROM. */
  readonly exactRead: (model: KeptModel) => string
  /** Why this server cannot have it, if it cannot. */
  readonly obstacle?: (client: Client) => Promise<string | undefined>
  /** What SQL alone cannot do; begins after `setUp`, ends before `tearDown`. */
  readonly start?: (url: string, model: KeptModel) => Promise<Started>
}

export interface Started {
  stop(): Promise<void>
}
