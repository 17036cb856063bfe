import { setTimeout as pause } from 'node:timers/promises'
import { FAIL_POINTS, type FailPoint } from '../../src/fail-points.ts'
import { WAIT_MS } from '../support/patience.ts'
import { RAISE_ALL_PRICES } from './changes.ts'
import { MODELS } from './models.ts'
import { FEW_ITEMS } from './record.ts'
import type { Ended, Process } from './process.ts'
import { run, type Role, type Scene } from './scene.ts'

/** A process that is stopped at a place. */
export interface FaultCase {
  readonly title: string
  readonly point: FailPoint
  readonly role: Role
  /** The how manieth time that the point is passed. */
  readonly pass: number
  readonly items: number
}

/** More units than one drain recomputes, so a backfill takes several and a change of all of them is spilled. */
const FULL_SHELF = 10_050

/**
 * Each fail point once, at another pass in each round; then a worker that has drained some models and not the others,
 * and an installer between the parts of a backfill.
 */
export function casesOf(round: number): readonly FaultCase[] {
  const later = (round - 1) % CERTAIN_PASSES
  return [
    ...FAIL_POINTS.map((point) => faultCase(point, roleReaching(point), 1 + (later % passes(point)))),
    faultCase('drain.units-resolved', 'worker', 2 + later),
    faultCase('drain.watermark-written', 'worker', 4 + later),
    faultCase('drain.committed', 'installer', 1 + later),
    faultCase('drain.recomputed', 'installer', 2 + later),
  ]
}

/** A drain of each model that its writers do not keep. */
const CERTAIN_PASSES = MODELS.filter(({ freshness }) => freshness !== 'immediate').length

function faultCase(point: FailPoint, role: Role, pass: number): FaultCase {
  const isFull = point === 'drain.spilled' || (role === 'installer' && point.startsWith('drain.'))
  const nth = pass === 1 ? '' : `, pass ${String(pass)}`
  return {
    title: `the ${role} at ${point}${nth}`,
    point,
    role,
    pass,
    items: isFull ? FULL_SHELF : FEW_ITEMS,
  }
}

/** A new stage needs a line here. */
function roleReaching(point: FailPoint): Role {
  const stage = point.replace(/\..*/, '')
  switch (stage) {
    case 'drain':
      return 'worker'
    case 'rotate':
      return 'rotation'
    case 'backfill':
    case 'install':
      return 'installer'
    default:
      throw new Error(`no process is known that reaches ${point}`)
  }
}

/** How often a point is passed for certain. */
function passes(point: FailPoint): number {
  if (point === 'install.schema-created' || point === 'drain.spilled') return 1
  return roleReaching(point) === 'installer' ? 3 : CERTAIN_PASSES
}

/** Everything that must be there before the process starts; from then on the writer writes. */
export async function prepare({ role, point }: FaultCase, scene: Scene): Promise<void> {
  if (role !== 'installer') await run(scene, 'installer', 'migrate', 'up')
  if (point === 'drain.spilled') await scene.writer.commit(RAISE_ALL_PRICES)
  await scene.writer.start()
  await scene.writer.commits(role === 'installer' ? 3 : 20)
}

export async function reachPause({ point }: FaultCase, process: Process): Promise<void> {
  if (await process.says(`paused at ${point}`)) return
  throw neverReached(point, await process.kill())
}

export async function reachKill({ point }: FaultCase, process: Process): Promise<void> {
  const timeIsOver = new AbortController()
  const late = pause(WAIT_MS, 'late' as const, { signal: timeIsOver.signal })
  const first = await Promise.race([process.ended, late.catch(() => 'late' as const)])
  timeIsOver.abort()
  if (first === 'late' || first.signal !== 'SIGKILL') throw neverReached(point, await process.kill())
}

function neverReached(point: FailPoint, { code, stdout, stderr }: Ended): Error {
  const end = code === null ? 'it had to be ended' : `it ended with ${String(code)}`
  return new Error(`fail point ${point} was never reached; ${end}: ${(stdout + stderr).trim()}`)
}
