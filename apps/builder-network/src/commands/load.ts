import { runLoad, type LoadOptions } from '../load/run-load.ts'
import { tablesOf } from '../load/tables.ts'
import { SCALES, sizesProblem, type Scale, type Sizes } from '../sizes.ts'
import { newCommand, runStoppable } from './command.ts'
import { onServer } from './server.ts'
import { addSizeOptions, sizesOf } from './sizes-option.ts'
import { wholeNumber } from './whole-number.ts'

type Options = Pick<
  LoadOptions,
  'sessions' | 'seconds' | 'live' | 'port' | 'seed' | 'warmUpSeconds' | 'contenderSeconds'
> & {
  readonly think: number
  readonly json?: true
  readonly scale: Scale
} & Partial<Sizes>

/** Of pages whose cost is measured: one slow answer hides nothing. */
const SAMPLES = 100
/** As long as people wait at most. */
const GIVE_UP_MS = 30_000

const command = newCommand(
  'load',
  'The web application under load, and two other ways to serve the same pages after it.',
)
  .option('--sessions <n>', 'so many people, signed in', wholeNumber(1, 1_000_000), 5_000)
  .option('--think <ms>', 'how long each thinks on average', wholeNumber(1, 3_600_000), 10_000)
  .option('--live <n>', 'so many of them hold a live connection', wholeNumber(0, 100_000), 500)
  .option('--warm-up-seconds <n>', 'not measured', wholeNumber(0, 86_400), 120)
  .option('--seconds <n>', 'measured', wholeNumber(1, 86_400), 600)
  .option('--contender-seconds <n>', 'for so long the others; 0: not at all', wholeNumber(0, 86_400), 120)
  .option('--port <n>', 'of the web server; 0: a free one', wholeNumber(0, 65_535), 0)
  .option('--seed <n>', 'of the data and of what people do', wholeNumber(0, 1_000_000), 1)
  .option('--json', 'one JSON document on stdout, everything else on stderr')
  .addHelpText('after', '\nWithout DATABASE_URL it runs on a PostgreSQL of its own, under .millrace/load.')
const { think, json, scale, seed, ...given } = addSizeOptions(command, 'plan').parse().opts<Options>()

await runStoppable(async ({ signal, say, progress }) => {
  // The plan promises its figures for 5,000 users and 10,000 projects, and half as many users as there were in its measurements.
  const sizes = { ...sizesOf({ scale, ...given }), users: given.users ?? SCALES[scale].users / 2 }
  const problem = sizesProblem(sizes)
  if (problem !== undefined) throw new Error(problem)

  const report = await onServer('load', async (serverUrl) => {
    const task = {
      serverUrl,
      samples: SAMPLES,
      giveUpMs: GIVE_UP_MS,
      sizes,
      seed,
      thinkMs: think,
      signal,
      say,
      progress,
    }
    return await runLoad({ ...given, ...task })
  })
  process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : `${tablesOf(report)}\n`)
  return report.ok
})
