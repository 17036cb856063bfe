import { withClient } from '../database.ts'
import { probeFreshness, type Lag } from '../freshness-probe.ts'
import { requireReadModels } from '../read-models.ts'
import { simulate } from '../simulate.ts'
import { statusOf, WorkerLog } from '../status.ts'
import { findOwnTables } from '../tables.ts'
import { showStatus } from '../terminal.ts'
import { newCommand, runTask } from './command.ts'
import { wholeNumber } from './whole-number.ts'
import { stopAfter } from '../stop-after.ts'

interface Options {
  readonly people: number
  readonly seconds: number
  readonly think: number
  readonly seed: number
  readonly json?: true
}

const { people, seconds, think, seed, json } = newCommand(
  'simulate',
  'Simulated users at work on what db:up and db:seed made. Ctrl-C ends it early.',
)
  .option('--people <n>', 'so many at once, each with a connection', wholeNumber(1, 10_000), 8)
  .option('--seconds <n>', 'for so long', wholeNumber(1, 86_400), 20)
  .option(
    '--think <ms>',
    'how long a person thinks between two actions, on average',
    wholeNumber(0, 60_000),
    20,
  )
  .option('--seed <n>', 'the seed of what they do', wholeNumber(0, 1_000_000), 1)
  .option('--json', 'one JSON document on stdout, everything else on stderr')
  .parse()
  .opts<Options>()

await runTask(async ({ databaseUrl, signal, say }) => {
  const sizes = await withClient(databaseUrl, async (client) => {
    const found = await findOwnTables(client)
    if (found.kind !== 'filled') throw new Error('there is no data to work on: run db:up and db:seed first')
    await requireReadModels(client)
    return found.sizes
  })

  const lag: Lag = { samples: [] }
  const startedAt = performance.now()
  const until = AbortSignal.any([signal, stopAfter(seconds)])
  const { activity, done } = simulate({
    databaseUrl,
    signal: until,
    seed,
    sizes,
    people,
    thinkMs: think,
  })
  const status = () => statusOf(activity, new WorkerLog('elsewhere'), lag, startedAt)
  const hide = showStatus({ read: status, signal })
  try {
    await Promise.all([done, probeFreshness(databaseUrl, until, lag)])
  } finally {
    hide()
  }
  const { uptimeSeconds, writes, writesPerSecond, writeMs, lagMs, errors } = status()
  if (lag.samples.length === 0) say('the feed never followed: is there a worker? (npx millrace work)')
  for (const error of errors.slice(0, 10)) say(`error: ${error}`)
  if (json === true) {
    const figures = { seconds: uptimeSeconds, people, writes, writesPerSecond, writeMs, lagMs }
    process.stdout.write(
      `${JSON.stringify({ ok: errors.length === 0, ...figures, errors: errors.length })}\n`,
    )
  }
  return errors.length === 0
})
