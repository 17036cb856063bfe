import { existsSync, readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbedded } from '../pg/embedded/server.ts'
import { withStartLock } from '../pg/embedded/start-lock.ts'
import { isAlive } from '../pg/embedded/users.ts'

/** The file with the number of the process that holds a server for tests. */
const HOLDER = 'holder'

const LOOK_MS = 250
/** Long enough for the next test file, short enough not to be noticed as a server that stays. */
const UNUSED_MS = 5_000

/**
 * Keeps a server for tests running as long as any process uses it, and a little longer; then stops it. A process that uses it
 * names itself in `users/`, and one that has ended, however it did, counts for nothing.
 */
export async function holdServer(
  directory: string,
  { unusedMs = UNUSED_MS, lookMs = LOOK_MS } = {},
): Promise<void> {
  if (!(await isFirst(directory))) return
  const users = join(directory, 'users')
  do {
    const server = await startEmbedded({ directory, durability: 'off' })
    for (let unused = 0; unused < unusedMs; unused += lookMs) {
      await sleep(lookMs)
      if (await isUsed(users)) unused = 0
    }
    await server.stop()
    // Whoever has come meanwhile keeps the server, and took it for held.
  } while (await isUsed(users))
}

/** Two would each take the other for a user. */
async function isFirst(directory: string): Promise<boolean> {
  return await withStartLock(join(directory, `${HOLDER}.lock`), async () => {
    if (isHeld(directory)) return false
    await writeFile(join(directory, HOLDER), String(process.pid))
    return true
  })
}

/** Does a process hold the server of this folder? */
export function isHeld(directory: string): boolean {
  const file = join(directory, HOLDER)
  return existsSync(file) && isAlive(Number(readFileSync(file, 'utf8')))
}

async function isUsed(users: string): Promise<boolean> {
  const others = (await readdir(users)).map(Number).filter((pid) => pid !== process.pid)
  return others.some(isAlive)
}
