import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { withConnection } from '../../src/pg/client.ts'
import { verify } from '../../src/verify/verify.ts'
import { readModels } from '../../src/work/model.ts'
import { compareStored, compareStrict } from '../oracle/compare.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { atEndOfFile } from '../support/clean-up.ts'
import { ROLES } from '../support/roles.ts'
import { seed } from './changes.ts'
import { expectSources } from './expect-sources.ts'
import type { TestModel } from '../support/models.ts'
import { configurationOf, MODELS, SCHEMA } from './models.ts'
import { FEW_ITEMS } from './record.ts'
import { startProcess, type Process } from './process.ts'
import { Writer } from './writer.ts'

/** Which process is at work: `millrace migrate up`, `millrace work`, or the worker that empties every slot. */
export type Role = 'installer' | 'worker' | 'rotation'

/** A database with sources, somebody who writes to them, and Millrace's own processes. */
export interface Scene {
  readonly database: TestDatabase
  readonly writer: Writer
  readonly models: readonly TestModel[]
  /** Runs the command line in this process. Returns its exit code and everything it wrote. */
  millrace(role: Role, ...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }>
  /** Starts a real process; `stopAt` is what MILLRACE_FAIL_POINT says. */
  start(role: Role, stopAt?: string): Process
}

export interface SceneOptions {
  readonly items?: number
  readonly seed?: number
  /** The shared one where absent. */
  readonly serverUrl?: string | undefined
  readonly models?: readonly TestModel[] | undefined
}

let made: string | undefined
atEndOfFile(() => {
  if (made !== undefined) rmSync(made, { recursive: true, force: true })
  made = undefined
})

function folder(): string {
  return (made ??= mkdtempSync(join(tmpdir(), 'millrace-faults-')))
}

/** Writes the configuration of a scene anew: `name` is that of its database with `.ts`. */
export function configure(models: readonly TestModel[], name: string): string {
  const file = join(folder(), name)
  writeFileSync(file, configurationOf(models, { worker: ROLES.worker, reader: ROLES.reader }))
  return file
}

export async function makeScene({
  items = FEW_ITEMS,
  seed: number = 1,
  serverUrl,
  models = MODELS,
}: SceneOptions = {}): Promise<Scene> {
  const database = await createTestDatabase(SCHEMA, { serverUrl })
  const writer = new Writer(database.url('writer'), number)
  await writer.commit(seed(items))

  const args = ['--config', configure(models, `${database.name}.ts`)]
  const envOf = (role: Role) => ({ DATABASE_URL: database.url(role === 'installer' ? 'owner' : 'worker') })
  return {
    database,
    writer,
    models,
    async millrace(role, ...command) {
      let text = ''
      const stream = { isTTY: false, write: (chunk: string) => (text += chunk) !== '' }
      const code = await main([...command, ...args], {
        cwd: folder(),
        env: envOf(role),
        stdout: stream,
        stderr: stream,
        stdin: process.stdin,
        signals: { on: () => undefined, off: () => undefined },
        exit: (exitCode) => {
          throw new Error(`exit(${String(exitCode)})`)
        },
      })
      return { code, text }
    },
    start(role, stopAt = '') {
      const env = { ...envOf(role), MILLRACE_FAIL_POINT: stopAt }
      if (role === 'rotation') return startProcess('rotation', [], env)
      return startProcess('millrace', [...(role === 'worker' ? ['work'] : ['migrate', 'up']), ...args], env)
    },
  }
}

/** A worker for a database that has other models than these. */
export function startWorker(database: TestDatabase): Process {
  return startProcess('millrace', ['work', '--config', configure(MODELS, 'millrace.config.ts')], {
    DATABASE_URL: database.url('worker'),
  })
}

/** Runs a command that must succeed. */
export async function run(scene: Scene, role: Role, ...args: readonly string[]): Promise<void> {
  const { code, text } = await scene.millrace(role, ...args)
  expect(code, text).toBe(0)
}

/**
 * When nobody writes any more: the sources hold what the writer knows to be committed, strict reads are exact before
 * the queues are drained, and the stored tables after.
 */
export async function expectNothingLost(scene: Scene): Promise<void> {
  await withConnection({ url: scene.database.url('owner') }, async (owner) => {
    await expectSources(owner, scene.writer.tables)
    const models = await readModels(owner)
    expect(models.map(({ name, state }) => `${name} ${state}`)).toEqual(
      scene.models.map(({ name }) => `${name} ready`).toSorted(),
    )
    for (const { name, plan } of models)
      expect(await compareStrict(owner, plan), `${name}, strictly`).toEqual([])

    await run(scene, 'worker', 'drain')
    for (const { name, plan } of models) expect(await compareStored(owner, plan), name).toEqual([])
    for (const verified of await verify(owner, models))
      expect(verified).toMatchObject({ drift: [], queued: 0 })
  })
}
