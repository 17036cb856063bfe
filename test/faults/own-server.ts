import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../src/pg/embedded/server.ts'
import { makeTemplate } from '../support/server.ts'

/** A server that a test may crash. What it has confirmed is on disk: durability is full. */
export interface OwnServer {
  readonly url: string
  /** Immediate shutdown: no checkpoint, every session cut off, recovery at the next start. */
  crash(): Promise<void>
  /** Fast shutdown, as an administrator would: sessions are told good-bye. */
  stop(): Promise<void>
  /** Starts it again where clients look for it. */
  restart(): Promise<void>
  end(): Promise<void>
}

export async function startOwnServer(): Promise<OwnServer> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'))
  // The server may run under another account, which must be able to enter.
  await chmod(directory, 0o755)
  let server = await startEmbedded({ directory })
  const { url } = server
  await makeTemplate(url)
  return {
    url,
    crash: () => server.stopImmediately(),
    stop: () => server.stop(),
    async restart() {
      server = await startEmbedded({ directory, port: Number(new URL(url).port) })
    },
    async end() {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
