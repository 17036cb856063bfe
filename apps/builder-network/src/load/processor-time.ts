import { readdir, readFile } from 'node:fs/promises'

/** Linux counts the time of processes in hundredths of a second. */
const TICK_MS = 10

interface Stat {
  readonly parent: number
  readonly name: string
  /** Of the process itself. */
  readonly ownMs: number
  /** Of children that have ended. */
  readonly endedMs: number
}

/** Milliseconds of processor time that this process has taken. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/**
 * Milliseconds of processor time of a PostgreSQL server, with all its backends, also those that have ended. `backend` is the
 * number of one of its processes; null where that is on another machine, or not on Linux.
 */
export async function serverProcessorMs(backend: number): Promise<number | null> {
  const own = await statOf(backend)
  if (own?.name !== 'postgres') return null
  const all = await Promise.all(
    (await readdir('/proc')).filter((it) => /^\d+$/.test(it)).map((it) => statOf(Number(it))),
  )
  const main = await statOf(own.parent)
  if (main === null) return null
  const backends = all.filter((it) => it !== null && it.parent === own.parent)
  return backends.reduce((sum, it) => sum + (it?.ownMs ?? 0), main.ownMs + main.endedMs)
}

/** As proc(5) says: the name, in brackets, may hold anything; 14 to 17 are the times. */
async function statOf(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = (place: number) => Number(fields[place - 3]) * TICK_MS
  return { parent: Number(fields[1]), name, ownMs: ticks(14) + ticks(15), endedMs: ticks(16) + ticks(17) }
}
