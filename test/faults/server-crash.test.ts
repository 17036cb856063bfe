import { afterAll, beforeAll, describe, test } from 'vitest'
import { PATIENCE_MS } from '../support/patience.ts'
import { casesOf, prepare, reachPause, type FaultCase } from './fault-cases.ts'
import { startOwnServer, type OwnServer } from './own-server.ts'
import type { Process } from './process.ts'
import { byTurns, rounds } from './rounds.ts'
import { expectNothingLost, makeScene, run, type Scene } from './scene.ts'

/** One process that waits at its fail point, or what went wrong on its way there. */
type Stage = { readonly scene: Scene; readonly process: Process } | { readonly problem: unknown }

/** Processes that come to their points at the same time; more would only slow each other down. */
const AT_ONCE = 3

// All processes are brought to their points first, each in a database of its own; then one crash hits all of them.
describe.each(rounds())('round %i', (round) => {
  const cases = byTurns(casesOf(round), 'second')
  const stages = new Map<FaultCase, Stage>()
  let server: OwnServer

  beforeAll(async () => {
    server = await startOwnServer()
    const waiting = [...cases]
    const bringNext = async () => {
      for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
        stages.set(fault, await bringToPoint(fault, server.url, round))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, bringNext))

    await server.crash()
    for (const stage of stages.values()) {
      if (!('scene' in stage)) continue
      await stage.process.kill()
      await stage.scene.writer.cut()
    }
    await server.restart()
  }, 2 * PATIENCE_MS)

  afterAll(() => server.end())

  test.each(cases)('server crash: $title', async (fault) => {
    const stage = stages.get(fault)
    if (stage === undefined || 'problem' in stage) throw stage?.problem
    const { scene } = stage

    await scene.writer.start()
    if (fault.role === 'installer') await run(scene, 'installer', 'migrate', 'up')
    await scene.writer.commits(5)
    await scene.writer.stop()
    await expectNothingLost(scene)
  })
})

async function bringToPoint(fault: FaultCase, serverUrl: string, seed: number): Promise<Stage> {
  try {
    const scene = await makeScene({ items: fault.items, seed, serverUrl })
    await prepare(fault, scene)
    const process = scene.start(fault.role, `${fault.point}=pause@${String(fault.pass)}`)
    await reachPause(fault, process)
    scene.writer.slowDown()
    return { scene, process }
  } catch (problem) {
    return { problem }
  }
}
