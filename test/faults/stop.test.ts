import { expect, test } from 'vitest'
import { readModels } from '../../src/work/model.ts'
import { expectNothingLost, makeScene, run, type Scene } from './scene.ts'
import { expectSays, inMidDrain } from './worker-at-work.ts'

/** A worker in the middle of a drain gets a signal, and once more if asked for; returns how it ended. */
async function endInMidDrain(scene: Scene, signal: NodeJS.Signals, times: 1 | 2) {
  await run(scene, 'installer', 'migrate', 'up')
  const owner = await scene.database.connect('owner')
  const [model] = await readModels(owner)
  if (model === undefined) throw new Error('nothing is installed')
  const worker = scene.start('worker')
  await expectSays(worker, 'working on')
  await scene.writer.start()

  await inMidDrain(owner, model, async () => {
    worker.signal(signal)
    await expectSays(worker, 'stopping')
    if (times === 1) return
    worker.signal(signal)
    await worker.ended
  })
  return await worker.ended
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: the drain under way ends, and then the worker',
  async (signal) => {
    const scene = await makeScene()
    expect(await endInMidDrain(scene, signal, 1)).toMatchObject({ code: 0, signal: null })
    await scene.writer.commits(5)
    await scene.writer.stop()
    await expectNothingLost(scene)
  },
)

test('a second SIGINT ends the worker at once, and the drain under way was never there', async () => {
  const scene = await makeScene()
  expect(await endInMidDrain(scene, 'SIGINT', 2)).toMatchObject({ code: 130, signal: null })
  await scene.writer.commits(5)
  await scene.writer.stop()
  await expectNothingLost(scene)
})
