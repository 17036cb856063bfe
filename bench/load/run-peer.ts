import { setTimeout as sleep } from 'node:timers/promises'
import { withConnection, type Connection } from '../../src/pg/client.ts'
import { hasSqlState } from '../../src/pg/errors.ts'
import type { Peer } from '../peers/peer.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { COUNT_COMMITTED, COUNT_WRONG, CREATE_VOTES, DROP_VOTES } from '../votes.sql.ts'
import { runLoad, type Load } from './closed-loop.ts'

export interface RunOptions {
  readonly url: string
  readonly clients: number
  readonly seconds: number
}

export interface PeerRun {
  readonly perSecond: number
  /** How long after the last commit all counters were right; 0 where they change with the votes. */
  readonly behindMs: number
  /** Counters that were wrong in the end. */
  readonly wrong: number
}

/** Of the time that is measured: connections, plans and caches get warm. */
const WARM_UP_SHARE = 0.2
const CATCH_UP_MS = 60_000
const LOOK_EVERY_MS = 20

/** Measures one peer once, in a database that is empty before and after. */
export async function runPeer(peer: Peer, scenario: Scenario, options: RunOptions): Promise<PeerRun> {
  const { url, clients, seconds } = options
  return await withConnection({ url, name: 'millrace bench' }, async (client) => {
    for (const statement of [DROP_VOTES, ...CREATE_VOTES, ...peer.setUp]) await client.query(statement)
    const started = await peer.start?.(url)
    try {
      await checkpoint(client)
      const measureMs = seconds * 1_000
      const warmUpMs = measureMs * WARM_UP_SHARE
      const load = await runLoad({ url, clients, warmUpMs, measureMs, projectOf: scenario.projectOf })
      const verdict = await judge(client, peer)
      await checkCommits(client, load)
      return { perSecond: load.perSecond, ...verdict }
    } finally {
      await started?.stop()
      for (const statement of [...peer.tearDown, DROP_VOTES]) await client.query(statement)
    }
  })
}

/** Every run begins just after a checkpoint, so that none pays for another's pages. It takes a right that not all have. */
async function checkpoint(client: Connection): Promise<void> {
  try {
    await client.query('checkpoint')
  } catch (error) {
    if (!hasSqlState(error, INSUFFICIENT_PRIVILEGE)) throw error
  }
}

const INSUFFICIENT_PRIVILEGE = '42501'

/** Waits for counters that follow, and tells how long that took; then counts those that are wrong. */
async function judge(client: Connection, peer: Peer): Promise<Omit<PeerRun, 'perSecond'>> {
  if (!peer.hasCounters) return { behindMs: 0, wrong: 0 }

  const endedAt = performance.now()
  let wrong = await countWrong(client)
  while (peer.isEventual && wrong > 0 && performance.now() - endedAt < CATCH_UP_MS) {
    await sleep(LOOK_EVERY_MS)
    wrong = await countWrong(client)
  }
  return { behindMs: peer.isEventual ? performance.now() - endedAt : 0, wrong }
}

async function countWrong(client: Connection): Promise<number> {
  const [row] = await client.query<{ wrong: number }>(COUNT_WRONG)
  if (row === undefined) throw new Error('the counters could not be compared')
  return row.wrong
}

/** Holds what the writers counted against what the table has. */
async function checkCommits(client: Connection, { commits }: Load): Promise<void> {
  const [row] = await client.query<{ votes: number }>(COUNT_COMMITTED)
  if (row?.votes === commits) return
  throw new Error(`the writers counted ${String(commits)} commits, the table has ${String(row?.votes)} votes`)
}
