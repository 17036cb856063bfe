import { cpus, loadavg } from 'node:os'
import { READ_MODELS } from '../age-reader.ts'
import { withClient, type Prepared } from '../database.ts'
import { randomFrom } from '../random.ts'
import type { Sizes } from '../sizes.ts'
import { openBrowser } from './browser.ts'
import { AS_PLANNED } from './contenders/as-planned.ts'
import type { Contender } from './contenders/contender.ts'
import { askStatements, drive } from './contenders/drive.ts'
import { LIVE_JOINS } from './contenders/live-joins.ts'
import { inCopy, installForLoad, prepareData, type DatabasesOptions } from './databases.ts'
import { measureCosts } from './page-costs.ts'
import { PAGE_KINDS } from './mix.ts'
import {
  errorsIn,
  slowKinds,
  type ContenderReport,
  type Costs,
  type LoadReport,
  type Machine,
} from './report.ts'
import { requestOf } from './requests.ts'
import { startSessions } from './sessions.ts'
import { watchStatements } from './statement-times.ts'
import { underLoad, type Measured } from './under-load.ts'
import { readWorld } from './world.ts'

export interface LoadOptions extends DatabasesOptions {
  readonly sizes: Sizes
  readonly sessions: number
  readonly thinkMs: number
  /** Who is not answered for so long is an error. */
  readonly giveUpMs: number
  readonly warmUpSeconds: number
  readonly seconds: number
  /** So many sessions hold a live connection. */
  readonly live: number
  /** For how long each of the contenders is driven; 0: not at all. */
  readonly contenderSeconds: number
  /** So many pages of each kind are asked one by one, for what they cost the database. */
  readonly samples: number
  /** Of the web server. */
  readonly port: number
}

const ASKERS = 50

/** The application under load, and its contenders after it on the same data. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const machine = await readMachine(options.serverUrl)
  const data = await prepareData(options)
  options.signal.throwIfAborted()
  const ours = await inCopy(options, data, async (copy) => await measureOurs(copy, options))
  const contenders =
    options.contenderSeconds === 0 || options.signal.aborted
      ? []
      : // The triggers of the plan come second: live joins are measured without them.
        await inCopy(options, data, async (copy) => [
          await measureContender(LIVE_JOINS, copy, options),
          await measureContender(AS_PLANNED, copy, options),
        ])
  const { sizes, sessions, thinkMs, warmUpSeconds } = options
  const { kinds } = ours.generated
  const ok = errorsIn(kinds) === 0 && slowKinds(kinds).length === 0 && ours.workerFailures.length === 0
  return { ok, machine, sizes, sessions, thinkMs, warmUpSeconds, ...ours, contenders }
}

async function measureOurs(
  copy: Prepared,
  options: LoadOptions,
): Promise<Measured & { readonly databaseMs: Costs | null }> {
  await installForLoad(copy, options)
  return await withClient(copy.adminUrl, async (client) => {
    const times = await watchStatements(client)
    return await underLoad({ ...options, copy, client, times, models: READ_MODELS }, async (origin) => {
      options.say('pages one by one: what they cost the database')
      // More than one: a person may ask for so many pages in a minute and no more.
      const sessions = await startSessions(client, ASKERS)
      const world = await readWorld(client)
      const random = randomFrom(options.seed)
      const browser = openBrowser(origin, options.giveUpMs)
      try {
        return await measureCosts(
          PAGE_KINDS,
          { times, role: copy.appRole, samples: options.samples, signal: options.signal },
          async (kind) => {
            const session = random.pick(sessions)
            await browser.send(session, requestOf(kind, random, world, session))
          },
        )
      } finally {
        await browser.close()
      }
    })
  })
}

async function measureContender(
  contender: Contender,
  { adminUrl, appRole, appUrl }: Prepared,
  { sessions: count, thinkMs, seed, contenderSeconds: seconds, samples, signal, say }: LoadOptions,
): Promise<ContenderReport> {
  say(`${contender.name}: ${String(seconds)} s`)
  return await withClient(adminUrl, async (client) => {
    const times = await watchStatements(client)
    await contender.prepare(client)
    const sessions = await startSessions(client, count)
    const world = await readWorld(client)
    const random = randomFrom(seed)
    const databaseMs = await withClient(
      appUrl,
      async (own) =>
        await measureCosts(PAGE_KINDS, { times, role: appRole, samples, signal }, async (kind) => {
          const session = random.pick(sessions)
          await askStatements(own, contender.statements(kind, random, world, session))
        }),
    )
    const driven = await drive(contender, {
      appUrl,
      adminUrl,
      sessions,
      world,
      thinkMs,
      seconds,
      seed,
      signal,
    })
    return { name: contender.name, databaseMs, driven }
  })
}

async function readMachine(serverUrl: string): Promise<Machine> {
  const { rows } = await withClient(serverUrl, (client) =>
    client.query<{ server_version: string }>('show server_version'),
  )
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    postgres: rows[0]?.server_version ?? '',
    loadBefore: loadavg()[0] ?? 0,
  }
}
