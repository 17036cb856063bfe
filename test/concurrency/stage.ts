import { expect } from 'vitest'
import type { Plan } from '../../src/compile/plan.ts'
import { remove } from '../../src/migrate/install.ts'
import { LOCK_RETRY, type LockRetry } from '../../src/migrate/lock-retry.ts'
import type { Client, Connection } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { drainOnce, type DrainOptions, type DrainResult } from '../../src/work/drain.ts'
import { readModels, type InstalledModel } from '../../src/work/model.ts'
import { rotate, type RotateOptions, type Rotated } from '../../src/work/rotate.ts'
import { compareStored, compareStrict, compareStrictPage } from '../oracle/compare.ts'
import type { TestDatabase } from '../support/database.ts'
import { installModels, type TestModel } from '../support/models.ts'
import type { Role } from '../support/roles.ts'
import { FEED, SCHEMA } from './feed.ts'
import { createInstalledCopy, grantStrictReads } from './installed-copy.ts'
import { startBlocked, startHeld, type Held, type Started } from './steps.ts'

/** A connection that knows which server process it is. */
export interface Session extends Connection {
  readonly pid: number
}

export interface StageOptions {
  readonly schema?: string
  readonly models?: readonly TestModel[]
}

/** A database with read models, and the sessions that meet in it. Nothing in here waits for time to pass. */
export interface Stage {
  readonly database: TestDatabase
  readonly models: readonly InstalledModel[]
  readonly owner: Session
  readonly worker: Session
  readonly superuser: Session
  session(role?: Role | 'superuser'): Promise<Session>
  model(name: string): InstalledModel
  /** Installs further models, and lets the application's sessions read them strictly. */
  install(definitions: readonly TestModel[], client?: Client, retry?: LockRetry): Promise<void>
  /** Looks again which models are installed, as a worker does now and then. */
  reload(): Promise<void>
  remove(names: readonly string[], client?: Client, retry?: LockRetry): Promise<void>
  /** Drains once, and looks in the drain's own snapshot whether the stored rows are what the query says. */
  drain(name: string, options?: DrainOptions, client?: Client): Promise<DrainResult>
  /** Drains until its work is done, and holds it there, not yet committed. */
  holdDrain(name: string, session: Session): Promise<Held<DrainResult>>
  /** Drains all models until they are idle. */
  settle(): Promise<void>
  /** Empties every slot that can be emptied, the one in use too. */
  rotate(options?: RotateOptions): Promise<Rotated>
  /** Starts something in a session, and waits until the server says that it waits for one of the others. */
  startBlocked<T>(session: Session, run: () => Promise<T>, by: readonly Session[]): Promise<Started<T>>
  /** Strict reads of all models in this client's snapshot against their queries. */
  expectStrict(client: Client): Promise<void>
  /** The end of every race: strict reads are exact, and after the drains stored rows too. */
  expectExact(): Promise<void>
}

export async function createStage({
  schema = SCHEMA,
  models: definitions = [FEED],
}: StageOptions = {}): Promise<Stage> {
  const database = await createInstalledCopy(schema, definitions)
  const session = (role: Role | 'superuser' = 'writer') => openSession(database, role)
  const [owner, worker, superuser] = [
    await session('owner'),
    await session('worker'),
    await session('superuser'),
  ]
  let models = await readModels(owner)
  const reload = async () => {
    models = await readModels(owner)
    await grantStrictReads(owner, models)
  }

  const model = (name: string) => found(models.find((it) => it.name === name))
  const stage: Stage = {
    database,
    get models() {
      return models
    },
    owner,
    worker,
    superuser,
    session,
    model,
    install: async (added, client = owner, retry = LOCK_RETRY) => {
      await installModels(client, added, { retry })
      await reload()
    },
    reload,
    remove: async (names, client = owner, retry = LOCK_RETRY) => {
      await remove(client, names.map(model), { retry })
      models = models.filter((it) => !names.includes(it.name))
    },
    drain: (name, options = {}, client = worker) =>
      drainOnce(client, model(name).plan, { ...options, beforeCommit: expectStored(model(name).plan) }),
    holdDrain: (name, by) =>
      startHeld((hold) =>
        drainOnce(by, model(name).plan, {
          beforeCommit: async (client) => {
            await expectStored(model(name).plan)(client)
            await hold()
          },
        }),
      ),
    settle: async () => {
      await drainAll(worker, models)
    },
    rotate: (options = {}) => rotate(worker, models, { everySlot: true, ...options }),
    startBlocked: (blocked, run, by) => startBlocked(superuser, blocked, run, by),
    expectStrict: async (client) => {
      for (const { plan } of models) expect(await compareStrict(client, plan)).toEqual([])
    },
    expectExact: () => expectExact(stage),
  }
  return stage
}

async function openSession(database: TestDatabase, role: Role | 'superuser'): Promise<Session> {
  const connection = await database.connect(role)
  // A wait that nobody ends shall fail the test and not hang it.
  await connection.query(`set lock_timeout = '15s'`)
  const [row] = await connection.query<{ pid: number }>('select pg_backend_pid() as pid')
  return { ...connection, pid: found(row).pid }
}

function expectStored(plan: Plan): (client: Client) => Promise<void> {
  return async (client) => {
    expect(await compareStored(client, plan)).toEqual([])
  }
}

async function expectExact(stage: Stage): Promise<void> {
  const { owner, models } = stage
  await stage.expectStrict(owner)
  await stage.settle()
  for (const { plan } of models) {
    expect(await compareStored(owner, plan)).toEqual([])
    expect(await owner.query(`select * from "${plan.pending.schema}"."${plan.pending.name}"`)).toEqual([])
    expect(await compareStrictPage(owner, plan)).toEqual([])
  }
  await stage.expectStrict(owner)
}

/** So long an attempt that another session is surely seen to stand behind it, however busy the machine is. */
export const PATIENT: LockRetry = { timeoutMs: 2_500, attempts: 60 }

export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there')
  return value
}
