import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Started } from '../peers/peer.ts'

/** Starts a worker in a process of its own, so that it takes no time from the writers' process. */
export async function startWorker(url: string): Promise<Started> {
  const child = fork(fileURLToPath(new URL('worker-process.ts', import.meta.url)), [url], {
    execArgv: ['--import', 'jiti/register'],
  })
  const ended = once(child, 'exit')
  const first = await Promise.race([once(child, 'message'), ended.then(() => undefined)])
  if (first === undefined) throw new Error('the worker ended before it had begun')
  return {
    async stop() {
      child.disconnect()
      await ended
    },
  }
}
