import type { ModelDefinition } from '../../src/migrate/compile-model.ts'
import type { Peer } from '../peers/peer.ts'

/** What writers write, and the read model that is kept of it. */
export interface Subject {
  /** As it is chosen on the command line. */
  readonly name: string
  readonly title: string
  /** Makes the tables and their first rows, in a schema that is empty. */
  readonly create: readonly string[]
  readonly model: KeptModel
  /** Who can keep it, beside the bare tables. */
  readonly peers: readonly Peer[]
  /** Keys are the numbers from 1 up to this. */
  readonly keys: number
  /** The statement under test: it writes one row. */
  readonly write: (key: number, random: () => number) => Statement
  /** → `{ committed }`: rows that really were. */
  readonly countCommitted: string
  /** What a reader asks about one key; `relation` stands after FROM. */
  readonly read: (relation: string, key: number) => Statement
}

/** Each peer keeps it under this name. */
export type KeptModel = Pick<ModelDefinition, 'name' | 'key' | 'query' | 'indexes'>

/** Prepared once in each session, under its name. */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}
