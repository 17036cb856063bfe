import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Who uses the server: a file per process, named by its pid. The last to leave stops the server; a process that was
 * killed leaves its file behind, which counts for nothing.
 */
export async function enter(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, String(process.pid)), '')
}

/** Returns true if nobody is left. */
export async function leave(folder: string): Promise<boolean> {
  await rm(join(folder, String(process.pid)), { force: true })
  for (const name of await readdir(folder)) {
    if (isAlive(Number(name))) return false
    await rm(join(folder, name), { force: true })
  }
  return true
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
