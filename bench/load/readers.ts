import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Peer } from '../peers/peer.ts'
import type { Task } from './run-peer.ts'

/** What the process that reads is told. */
export interface Reading {
  readonly url: string
  readonly readers: number
  readonly subject: string
  readonly scenario: string
  /** What stands after FROM. */
  readonly relation: string
}

/** One read, as that process tells of it. */
export interface Read {
  /** When it ended, in milliseconds since 1970. */
  readonly at: number
  readonly ms: number
}

export interface Readers {
  /** → how long each read of the last so many milliseconds took. */
  stop(lastMs: number): Promise<readonly number[]>
}

/** Starts readers in a process of their own: a read in the writers' process would wait for its turn there. */
export async function startReaders(url: string, readers: number, peer: Peer, task: Task): Promise<Readers> {
  if (readers === 0) return { stop: () => Promise.resolve([]) }

  const { subject, scenario } = task
  const relation = peer.exactRead(subject.model)
  const reading: Reading = { url, readers, subject: subject.name, scenario: scenario.name, relation }
  const child = fork(
    fileURLToPath(new URL('reader-process.ts', import.meta.url)),
    [JSON.stringify(reading)],
    {
      execArgv: ['--import', 'jiti/register'],
    },
  )
  const ended = once(child, 'exit')
  await messageOf(child, ended)
  return {
    async stop(lastMs) {
      const endedAt = Date.now()
      child.send('stop')
      const reads = (await messageOf(child, ended)) as readonly Read[]
      await ended
      return reads.filter(({ at }) => at > endedAt - lastMs && at <= endedAt).map(({ ms }) => ms)
    },
  }
}

async function messageOf(child: ReturnType<typeof fork>, ended: Promise<unknown>): Promise<unknown> {
  const message = once(child, 'message').then(([first]: unknown[]) => first)
  return await Promise.race([
    message,
    ended.then(() => {
      throw new Error('the process that reads has ended by itself')
    }),
  ])
}
