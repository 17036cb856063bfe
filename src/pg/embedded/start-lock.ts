import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError } from '../../errors.ts'
import { isAlive } from './users.ts'

const WAIT_MS = 60_000
const LOOK_MS = 50

/** Runs one at a time among processes: two commands that start together must not both make a server. */
export async function withStartLock<T>(file: string, run: () => Promise<T>): Promise<T> {
  await acquire(file)
  try {
    return await run()
  } finally {
    await rm(file, { force: true })
  }
}

async function acquire(file: string): Promise<void> {
  for (let waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    await breakStale(file)
    await sleep(LOOK_MS)
  }
  throw new MillraceError('EMBEDDED_SERVER_FAILED', {
    detail: `another process has been starting the server for ${String(WAIT_MS / 1_000)} s`,
    hint: `If there is none, remove ${file}.`,
  })
}

async function breakStale(file: string): Promise<void> {
  const holder = Number(await readFile(file, 'utf8').catch(() => ''))
  // An empty file is one that is being written.
  if (holder > 0 && holder !== process.pid && !isAlive(holder)) await rm(file, { force: true })
}
