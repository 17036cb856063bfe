import type { Client } from 'pg'
import type { Random } from '../../random.ts'
import type { Kind } from '../mix.ts'
import type { Session } from '../sessions.ts'
import type { World } from '../world.ts'

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Another way to serve the same pages from the same tables, in SQL: without a web application, which would be the same. */
export interface Contender {
  readonly name: string
  /** Makes what it needs, in a copy of the data. */
  readonly prepare: (client: Client) => Promise<void>
  /** What a request of a kind asks of the database, one after the other. */
  readonly statements: (kind: Kind, random: Random, world: World, session: Session) => readonly Statement[]
}
