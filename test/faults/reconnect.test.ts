import { expect, test } from 'vitest'
import { readModels } from '../../src/work/model.ts'
import { expectNothingLost, makeScene, run } from './scene.ts'
import { expectSays, inMidDrain, untilDrained } from './worker-at-work.ts'

test('a worker whose session is terminated in the middle of a drain begins that drain anew', async () => {
  const scene = await makeScene()
  await run(scene, 'installer', 'migrate', 'up')
  const owner = await scene.database.connect('owner')
  const superuser = await scene.database.connect('superuser')
  // Those that writers keep are not drained as long as nothing is left over for the worker.
  const models = (await readModels(owner)).filter(({ plan }) => plan.immediate === null)
  const worker = scene.start('worker')
  await expectSays(worker, 'working on')
  await scene.writer.start()

  for (const model of models) {
    await inMidDrain(owner, model, async (pid) => {
      const ended = await superuser.query<{ ended: boolean }>('select pg_terminate_backend($1) as ended', [
        pid,
      ])
      expect(ended).toEqual([{ ended: true }])
    })
    await scene.writer.commits(5)
  }
  await scene.writer.stop()
  await untilDrained(owner, models)
  worker.signal('SIGTERM')
  const { code, stderr } = await worker.ended
  expect(code).toBe(0)
  // A machine that stalls for half a second in mid-drain costs one more.
  expect(stderr.match(/no connection/g)?.length).toBeGreaterThanOrEqual(models.length)
  await expectNothingLost(scene)
})
