import { describe, expect, test } from 'vitest'
import { catalogTrace } from './catalog-trace.ts'
import { casesOf, prepare, reachKill } from './fault-cases.ts'
import { byTurns, rounds } from './rounds.ts'
import { expectNothingLost, makeScene, run } from './scene.ts'

describe.each(rounds())('round %i', (round) => {
  test.each(byTurns(casesOf(round), 'first'))('killed: $title', async (fault) => {
    const scene = await makeScene({ items: fault.items, seed: round })
    const untouched = await catalogTrace(scene.database)
    await prepare(fault, scene)

    await reachKill(fault, scene.start(fault.role, `${fault.point}=kill@${String(fault.pass)}`))
    await scene.writer.commits(5)

    if (fault.role === 'installer') {
      await run(scene, 'installer', 'migrate', 'down')
      expect(await catalogTrace(scene.database)).toEqual(untouched)
      await run(scene, 'installer', 'migrate', 'up')
    }
    await scene.writer.commits(5)
    await scene.writer.stop()
    await expectNothingLost(scene)
  })
})
