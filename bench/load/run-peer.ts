import { withConnection, type Connection } from '../../src/pg/client.ts'
import { hasSqlState } from '../../src/pg/errors.ts'
import type { Peer } from '../peers/peer.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Subject } from '../subjects/subject.ts'
import { runLoad } from './closed-loop.ts'
import { checkCommits, judge, type Verdict } from './judge.ts'
import { startReaders } from './readers.ts'

export interface Task {
  readonly subject: Subject
  readonly scenario: Scenario
  readonly clients: number
}

export interface RunOptions {
  readonly url: string
  readonly seconds: number
  readonly readers: number
}

export interface PeerRun extends Verdict {
  readonly perSecond: number
  /** How long each of the exact reads took that were made meanwhile. */
  readonly readMs: readonly number[]
}

/** Of the time that is measured: connections, plans and caches get warm. */
const WARM_UP_SHARE = 0.2

/** Measures one peer once, in a database that is empty before and after. */
export async function runPeer(
  peer: Peer,
  task: Task,
  { url, seconds, readers }: RunOptions,
): Promise<PeerRun> {
  return await withConnection({ url, name: 'millrace bench' }, async (client) => {
    for (const statement of [...CLEAR, ...task.subject.create, ...peer.setUp]) await client.query(statement)
    const started = await peer.start?.(url, task.subject.model)
    try {
      await checkpoint(client)
      const reading = await startReaders(url, readers, peer, task)
      const load = await runLoad({ url, clients: task.clients, ...clock(seconds), statement: writesOf(task) })
      const readMs = await reading.stop(seconds * 1_000)
      const verdict = await judge(client, peer, task.subject)
      await checkCommits(client, task.subject, load.commits)
      return { perSecond: load.perSecond, readMs, ...verdict }
    } finally {
      await started?.stop()
      for (const statement of [...peer.tearDown, ...CLEAR]) await client.query(statement)
    }
  })
}

const CLEAR = ['drop schema if exists public cascade', 'create schema public']

function clock(seconds: number): { readonly warmUpMs: number; readonly measureMs: number } {
  const measureMs = seconds * 1_000
  return { warmUpMs: measureMs * WARM_UP_SHARE, measureMs }
}

function writesOf({ subject, scenario }: Task): () => ReturnType<Subject['write']> {
  return () => subject.write(scenario.keyOf(subject.keys, Math.random), Math.random)
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
