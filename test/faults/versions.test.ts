import { expect, test } from 'vitest'
import { VERSION_POINTS } from '../../src/fail-points.ts'
import { withConnection } from '../../src/pg/client.ts'
import { inUse, readVersions } from '../../src/work/model.ts'
import { MODELS } from './models.ts'
import { byTurns } from './rounds.ts'
import { configure, expectNothingLost, makeScene, run } from './scene.ts'

/** The same models with another column each, so that each gets a version beside the one in use. */
const CHANGED = MODELS.map((model) => ({
  ...model,
  query: model.query.replace(/^\s*select /, "select 'changed' as made, "),
}))

/** Each place once; before the last the names are those of before, after it those that are declared. */
const CASES = [...VERSION_POINTS, 'install.model-created', 'install.backfilled'] as const

test.each(byTurns(CASES, 'first'))(
  'a change that is killed at %s goes on at the next migrate up',
  async (point) => {
    const scene = await makeScene()
    await run(scene, 'installer', 'migrate', 'up')
    await scene.writer.start()
    await scene.writer.commits(3)

    configure(CHANGED, `${scene.database.name}.ts`)
    const killed = await scene.start('installer', `${point}=kill`).ended
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    await withConnection({ url: scene.database.url('reader') }, async (reader) => {
      for (const { name } of MODELS) await reader.query(`select * from ${name}`)
    })
    await scene.writer.commits(3)

    await run(scene, 'installer', 'migrate', 'up')
    await scene.writer.commits(3)
    await scene.writer.stop()
    await expectNothingLost(scene)
    await withConnection({ url: scene.database.url('owner') }, async (owner) => {
      const used = inUse(await readVersions(owner))
      expect(used.map(({ plan }) => plan.version)).toEqual(CHANGED.map(() => 2))
    })
    expect(await scene.millrace('installer', 'plan')).toMatchObject({ code: 0 })
  },
)
