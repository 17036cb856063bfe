import { setTimeout } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Followed } from '../age-reader.ts'
import type { Prepared } from '../database.ts'
import { startChild, type Child } from './children.ts'
import type { Percentiles } from './figures.ts'
import type { Generated } from './generator.ts'
import type { GeneratorInput } from './generator-process.ts'
import { followLags } from './lags.ts'
import type { LiveFigures } from './live-connections.ts'
import { serverProcessorMs } from './processor-time.ts'
import type { Costs, LoadReport, ProcessName, Share } from './report.ts'
import type { LoadOptions } from './run-load.ts'
import type { StatementTimes } from './statement-times.ts'
import type { WebInput } from './web-process.ts'
import type { WorkerInput } from './worker-process.ts'

export type Measured = Pick<
  LoadReport,
  | 'generated'
  | 'answered'
  | 'live'
  | 'lags'
  | 'workerFailures'
  | 'workerLost'
  | 'eventLoopDelay'
  | 'processors'
  | 'databaseMsOfAll'
>

export interface UnderLoadOptions extends LoadOptions {
  readonly copy: Prepared
  /** To the database under load, as its superuser. */
  readonly client: Client
  readonly times: StatementTimes | null
  readonly models: readonly Followed[]
}

interface Children {
  readonly web: Child
  readonly worker: Child
  readonly generator: Child
  readonly origin: string
}

/** As `npm run serve` has it: whatever is young when it is full is looked through, which took an eighth of the processor's time. */
const WEB_FLAGS = ['--max-semi-space-size=64']

/** Of the warm-up: people do not come all at once, and a server that has compiled and planned nothing yet would be behind for long. */
const JOIN_PART = 0.5

/** The web server, the worker and the generator, each in a process of its own. `after`: what is measured when nobody comes any more. */
export async function underLoad(
  options: UnderLoadOptions,
  after: (origin: string) => Promise<Costs | null>,
): Promise<Measured & { readonly databaseMs: Costs | null }> {
  const { copy, port, sessions, thinkMs, giveUpMs, seed, live, say } = options
  const running: Child[] = []
  const start = (file: string, input: WebInput | WorkerInput | GeneratorInput, flags?: readonly string[]) => {
    const child = startChild(file, input, flags)
    running.unshift(child)
    return child
  }
  try {
    const web = start(
      './web-process.ts',
      { databaseUrl: copy.appUrl, liveUrl: copy.adminUrl, port },
      WEB_FLAGS,
    )
    const worker = start('./worker-process.ts', { databaseUrl: copy.adminUrl })
    const origin = String(await web.ask('url')).replace(/\/$/, '')
    const joinMs = JOIN_PART * options.warmUpSeconds * 1_000
    const input = { databaseUrl: copy.adminUrl, origin, sessions, thinkMs, joinMs, giveUpMs, seed, live }
    const generator = start('./generator-process.ts', input)
    say(`${String(sessions)} sessions at ${origin}`)
    const measured = await measure({ web, worker, generator, origin }, options)
    return { ...measured, databaseMs: await after(origin) }
  } finally {
    // The last that was started first: nobody asks what has ended.
    for (const child of running) await child.stop()
  }
}

async function measure(children: Children, options: UnderLoadOptions): Promise<Measured> {
  const { web, worker, generator } = children
  const { signal, client, models, times, warmUpSeconds, seconds } = options
  await generator.ask('start')
  await pass('warm-up', warmUpSeconds, options)
  const before = await processorMs(children, client)
  await times?.reset()
  await Promise.all([web.ask('measure'), generator.ask('measure')])

  const stop = new AbortController()
  const following = followLags(client, models, AbortSignal.any([signal, stop.signal]))
  await pass('load', seconds, options)
  stop.abort()
  const lags = await following
  const after = await processorMs(children, client)
  const totalMs = (await times?.totalMs()) ?? null
  const eventLoopDelay = (await web.ask('delay')) as Percentiles
  const live = (await generator.ask('live')) as LiveFigures
  const generated = (await generator.ask('finish')) as Generated
  const requests = Object.values(generated.kinds).reduce((sum, { count }) => sum + count, 0)
  return {
    generated,
    lags,
    eventLoopDelay,
    answered: (await web.ask('answered')) as number,
    live,
    workerFailures: (await worker.ask('failures')) as readonly string[],
    workerLost: (await worker.ask('lost')) as number,
    processors: sharesOf(before, after, generated.seconds),
    databaseMsOfAll: totalMs === null ? null : totalMs / Math.max(1, requests),
  }
}

const LOOK_MS = 250

/** Waits, or until Ctrl-C: what was measured until then is told. */
async function pass(part: string, seconds: number, { signal, progress }: UnderLoadOptions): Promise<void> {
  const startedAt = performance.now()
  for (
    let passed = 0;
    passed < seconds && !signal.aborted;
    passed = (performance.now() - startedAt) / 1_000
  ) {
    progress(part, passed, seconds)
    const restMs = Math.min(LOOK_MS, Math.max(1, seconds * 1_000 - (performance.now() - startedAt)))
    await setTimeout(restMs, undefined, { signal }).catch(() => undefined)
  }
  progress(part, seconds, seconds)
}

type Processors = Readonly<Record<ProcessName, number | null>>

async function processorMs({ web, worker, generator }: Children, client: Client): Promise<Processors> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return {
    generator: (await generator.ask('processor')) as number,
    web: (await web.ask('processor')) as number,
    worker: (await worker.ask('processor')) as number,
    postgres: await serverProcessorMs(rows[0]?.pid ?? 0),
  }
}

function sharesOf(
  before: Processors,
  after: Processors,
  seconds: number,
): Readonly<Record<ProcessName, Share | null>> {
  const shareOf = (name: ProcessName): Share | null => {
    const [from, to] = [before[name], after[name]]
    if (from === null || to === null) return null
    const used = (to - from) / 1_000
    return { seconds: used, percent: (used / seconds) * 100 }
  }
  return {
    generator: shareOf('generator'),
    web: shareOf('web'),
    worker: shareOf('worker'),
    postgres: shareOf('postgres'),
  }
}
