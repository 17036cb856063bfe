import type { Client } from '../pg/client.ts'
import { WORKER_NAME } from './session.ts'
import { SHARE } from './share.sql.ts'

/** What falls to one of several workers. An economy and never the proof: every model may be drained by anybody. */
export interface Share {
  /** The server process of this worker's session. */
  readonly pid: number
  /** How many workers there are, this one included. */
  readonly workers: number
  /** 0 for the one that has been there for longest. */
  readonly place: number
  /** One for each model, in the order of their names. */
  readonly standings: readonly Standing[]
}

/** Where a worker stands in the line of those who see to one model. */
export interface Standing {
  /** The model, by the name of its stored table. */
  readonly storage: string
  /** 0 for the worker that tends it, 1 for the one that steps in first if nothing happens, and so on. */
  readonly rank: number
  /** The number of its newest watermark, by which everybody sees that somebody has drained it. */
  readonly watermark: string | null
  readonly ageMs: number | null
}

/**
 * A worker that was not heard of for this long is counted out. An idle one looks 40 times a second; longer than this is
 * a process that hangs, or one drain that takes long.
 */
const LEASE_MS = 500

/** All workers ask the same question of the same server, so they need not agree about anything. */
export async function readShare(client: Client): Promise<Share> {
  const [share] = await client.query<Share>(SHARE, [WORKER_NAME, LEASE_MS])
  if (share === undefined) throw new Error('the worker does not find its own session')
  return share
}

/** The models that this worker tends, by the names of their stored tables. */
export function tended({ standings }: Share): readonly string[] {
  return standings.filter(({ rank }) => rank === 0).map(({ storage }) => storage)
}
