import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FILE_POINTS, OBJECT_POINTS, VERSION_POINTS } from '../../src/fail-points.ts'
import { documentOf, millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { configOf, definitionsOf, FIRST, SCHEMA, SECOND } from '../support/declared-twice.ts'
import { PATIENCE_MS } from '../support/patience.ts'
import { SEED } from '../support/seed.ts'
import { catalogTrace } from './catalog-trace.ts'
import { startProcess } from './process.ts'

/** Everywhere that `migrate up` comes past with a second migration: in its file, and in what that leaves to it. */
const CASES = [
  ...FILE_POINTS.map((point) => [point, 1] as const),
  ['file.statement-run', 9],
  ['index.made', 2],
  ...VERSION_POINTS.map((point) => [point, 1] as const),
  ['install.source-captured', 1],
  ['install.backfilled', 1],
  ['install.backfilled', 2],
  ['install.exposed', 1],
  ...OBJECT_POINTS.map((point) => [point, 1] as const),
  ['backfill.enumerated', 1],
  ['drain.recomputed', 1],
  ['drain.watermark-written', 2],
  ['drain.committed', 1],
] as const

/** In the short size one in so many is tried. */
const SHORT = 10
const isLong = process.env['MILLRACE_FAULT_ROUNDS'] !== undefined
const cases = CASES.filter((_, i) => isLong || i % SHORT === SEED % SHORT)

// Seen to fail with objects that wait on when they have been made.
test(
  'a runner that is killed over files, wherever it is, goes on at the next call, to the same end',
  { timeout: PATIENCE_MS + 30_000 * cases.length },
  async () => {
    const undisturbed = await makeWorld()
    expect(await undisturbed.up()).toMatchObject({ code: 0, stderr: '' })
    const end = await undisturbed.trace()

    for (const [point, pass] of cases) {
      const world = await makeWorld()
      const killed = await world.killedUp(`${point}=kill@${String(pass)}`)
      expect([point, killed.signal, killed.stderr]).toEqual([point, 'SIGKILL', expect.any(String)])
      await world.write()
      expect(await world.up()).toMatchObject({ code: 0, stderr: '' })
      expect([point, await world.trace()]).toEqual([point, end])
      await world.write()
      await world.expectFresh()
      expect(await world.up()).toMatchObject({ code: 0, stdout: 'Nothing to do.\n' })
    }
  },
)

/** A database in which the first migration has been run to the end, and a second one that waits. */
async function makeWorld() {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('superuser')
  const cwd = await projectFolder({ 'millrace.config.ts': configOf('sql', FIRST) })
  const env = { DATABASE_URL: database.url('superuser') }
  const run = (...args: readonly string[]) => millrace(args, { cwd, env })
  const done = async (...args: readonly string[]) => {
    expect(await run(...args)).toMatchObject({ code: 0, stderr: '' })
  }
  await done('generate', 'first')
  await done('migrate', 'up')
  await writeProjectFile(cwd, 'millrace.config.ts', configOf('sql', SECOND))
  await done('generate', 'second')
  const config = join(cwd, 'millrace.config.ts')
  return {
    up: () => run('migrate', 'up'),
    killedUp: (failPoint: string) =>
      startProcess('millrace', ['migrate', 'up', '--config', config], {
        ...env,
        MILLRACE_FAIL_POINT: failPoint,
      }).ended,
    trace: async () => [
      ...(await catalogTrace(database)).map((it) => it.replace(/(RI_ConstraintTrigger_\w_)\d+/, '$1')),
      ...(await definitionsOf(owner)),
    ],
    write: async () => {
      await owner.query(`
        insert into votes select p, 100 + (select count(*) from votes) from generate_series(1, 3) as p;
        update projects set tags = '{"new": 2}', title = title || '.' where id = 1 + (select count(*) from votes) % 20`)
    },
    expectFresh: async () => {
      await done('drain')
      const { models } = documentOf(await run('verify', '--json')) as { models: { drift: unknown[] }[] }
      expect(models.map(({ drift }) => drift)).toEqual(models.map(() => []))
      expect(models).toHaveLength(5)
    },
  }
}
