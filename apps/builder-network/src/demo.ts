import { drainOnce, startWorker, verifyModels } from 'millrace'
import { makeDemoAccount } from './accounts.ts'
import { prepareDatabase, withClient, type Prepared } from './database.ts'
import { serveDemo } from './demo-server.ts'
import { probeFreshness, type Lag } from './freshness-probe.ts'
import { installReadModels } from './read-models.ts'
import { simulate } from './simulate.ts'
import { SCALES, type Scale } from './sizes.ts'
import { statusOf, WorkerLog, type Status } from './status.ts'
import { showStatus } from './terminal.ts'
import { WATCH_PATH } from './page/page.ts'
import { stopAfter } from './stop-after.ts'

export interface DemoOptions {
  /** Stop after so long; absent: at the signal. */
  readonly seconds?: number | undefined
  readonly json: boolean
  readonly signal: AbortSignal
  readonly databaseUrl: string
  readonly port?: number | undefined
}

const SEED = 1
const SCALE: Scale = 'small'
const PEOPLE = 6
const THINK_MS = 20

/**
 * The application at work: data, read models, a worker, simulated users, a page to watch them. At the end the users
 * stop, what is queued is drained, and every read model is compared with its query. Returns the exit code.
 */
export async function demo({ seconds, json, signal, databaseUrl, port }: DemoOptions): Promise<number> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  const prepared = await prepare(databaseUrl, seconds !== undefined, signal, say)
  const stop = new AbortController()
  const until = AbortSignal.any([signal, stop.signal, ...(seconds === undefined ? [] : [stopAfter(seconds)])])

  const worker = new WorkerLog()
  const lag: Lag = { samples: [] }
  const startedAt = performance.now()
  const people = {
    databaseUrl: prepared.appUrl,
    signal: until,
    seed: SEED,
    sizes: SCALES[SCALE],
    people: PEOPLE,
    thinkMs: THINK_MS,
  }
  const { activity, done } = simulate(people)
  const status = () => statusOf(activity, worker, lag, startedAt)

  const account = await withClient(prepared.adminUrl, makeDemoAccount)
  const page = await serveDemo({
    port,
    databaseUrl: prepared.appUrl,
    liveUrl: prepared.adminUrl,
    status,
    account,
    onError: (error) => {
      activity.errors.push(`page: ${error instanceof Error ? error.message : String(error)}`)
    },
  })
  say(`the builder network is at ${page.url}: sign in as ${account.username}, password ${account.password}`)
  say(`watch it at ${new URL(WATCH_PATH, page.url).href}`)
  const hide = showStatus({ read: status, signal })
  const working = startWorker(
    { database: prepared.adminUrl },
    {
      onEvent: (event) => {
        worker.note(event)
      },
    },
  )
  try {
    await Promise.all([done, probeFreshness(prepared.appUrl, until, lag)])
  } finally {
    stop.abort()
    await working.stop()
    hide()
    await page.close()
  }
  return await conclude(prepared, status(), json, say)
}

async function prepare(
  databaseUrl: string,
  fresh: boolean,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Prepared> {
  const prepared = await prepareDatabase({
    databaseUrl,
    fresh,
    seed: SEED,
    sizes: SCALES[SCALE],
    onProgress: progressBar('data'),
    signal,
  })
  say(PREPARED[prepared.found])
  await installReadModels(
    {
      url: prepared.adminUrl,
      signal,
      onBackfill: ({ name }, done, total) => {
        progressBar('read models')(name, done, total)
      },
    },
    { reader: prepared.appRole },
  )
  return prepared
}

const PREPARED: Readonly<Record<Prepared['found'], string>> = {
  nothing: 'the community is there',
  empty: 'the community is there',
  filled: 'found the community of an earlier run',
  'other-version': 'the community of another version of this application is gone; a new one is there',
}

async function conclude(
  { adminUrl }: Prepared,
  status: Status,
  json: boolean,
  say: (text: string) => void,
): Promise<number> {
  await drainOnce({ database: adminUrl })
  const verified = await verifyModels({ database: adminUrl })
  const drift = verified.reduce((sum, it) => sum + it.drift.length, 0)
  const ok = drift === 0 && status.errors.length === 0
  for (const { model, rows, drift: wrong } of verified) {
    say(
      `${model}: ${String(rows)} rows, ${wrong.length === 0 ? 'all as their query says' : `${String(wrong.length)} wrong`}`,
    )
  }
  for (const error of status.errors.slice(0, 10)) say(`error: ${error}`)
  if (json) {
    const summary = {
      ok,
      seconds: status.uptimeSeconds,
      seed: SEED,
      scale: SCALE,
      writes: status.writes,
      writesPerSecond: status.writesPerSecond,
      writeMs: status.writeMs,
      drains: total(status, 'drains'),
      unitsRecomputed: total(status, 'units'),
      rowsChanged: total(status, 'rowsChanged'),
      lagMs: status.lagMs,
      verified: verified.map((it) => ({ model: it.model, rows: it.rows, drift: it.drift.length })),
      errors: status.errors.length,
    }
    process.stdout.write(`${JSON.stringify(summary)}\n`)
  }
  return ok ? 0 : 1
}

function total({ models }: Status, name: 'drains' | 'units' | 'rowsChanged'): number {
  return models.reduce((sum, it) => sum + it[name], 0)
}

/** A bar on a terminal, nothing elsewhere. */
function progressBar(what: string): (part: string, done: number, total: number) => void {
  return (part, done, total) => {
    if (!process.stderr.isTTY) return
    const width = 30
    const filled = Math.round((done / Math.max(1, total)) * width)
    const end = done >= total ? '\n' : ''
    process.stderr.write(
      `\r\u001b[2K${what} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${part}${end}`,
    )
  }
}
