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
  /** The models that this worker tends, by the names of their stored tables. */
  readonly storages: readonly string[]
}

/**
 * A worker that was not heard of for this long is counted out. An idle one looks 40 times a second; longer than this is
 * a process that hangs, or one drain that takes long.
 */
export const LEASE_MS = 500

/** All workers ask the same question of the same server, so they need not agree about anything. */
export async function readShare(client: Client): Promise<Share> {
  const [share] = await client.query<Share>(SHARE, [WORKER_NAME, LEASE_MS])
  if (share === undefined) throw new Error('the worker does not find its own session')
  return share
}
