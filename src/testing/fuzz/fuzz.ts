import { randomInt } from 'node:crypto'
import { MillraceError } from '../../errors.ts'
import { loadParser } from '../../sql/parse.ts'
import { randomFrom } from '../random.ts'
import { madeOf, type TestDatabase } from '../test-database.ts'
import { constantsOf } from './constants.ts'
import { settle, take, type Difference, type Stage, type Step } from './play.ts'
import { describeDifference } from './report.ts'
import { drawStep, newScript, type Script } from './script.ts'
import { shrink } from './shrink.ts'
import { onStage } from './stage.ts'
import { readTables } from './tables.ts'

/** What is tried, and how much of it. */
export interface FuzzOptions {
  /** The same seed writes the same, as long as tables and models are the same; a new one each time where it is absent. */
  readonly seed?: number | undefined
  /** How many statements are tried; 300 where absent, which takes some seconds. */
  readonly operations?: number | undefined
  /** The tables to write to: `votes`, `app.votes`. Absent: those that the read models read, and those that these refer to. */
  readonly tables?: readonly string[] | undefined
}

/** What was tried. */
export interface Fuzzed {
  /** Write it into the options to try the same again. */
  readonly seed: number
  /** Statements that were sent. */
  readonly statements: number
  /** Statements that the database refused: a check, a key, a lock that another session held. */
  readonly refused: number
  /** The most frequent reasons, and how often each: where nearly all is refused, little was tried. */
  readonly reasons: Readonly<Record<string, number>>
  /** How often stored rows or strict reads were compared with the queries. */
  readonly comparisons: number
}

const OPERATIONS = 300

/**
 * Throws random writes at the tables behind a test database's read models, from three sessions with transactions of every isolation
 * level, and compares stored rows and strict reads with the queries. It works on copies of what `createTestDatabase` made; the
 * database itself stays as it is. A difference is made as short as can be: the fewest statements that still lead to one.
 *
 * @throws MillraceError NOT_FRESH, with the rows that differ, the statements and the seed
 */
export async function fuzz(database: TestDatabase, options: FuzzOptions = {}): Promise<Fuzzed> {
  const { seed = randomInt(2 ** 31), operations = OPERATIONS } = options
  const place = madeOf(database)
  if (place === undefined) {
    throw new MillraceError('BAD_USAGE', {
      detail: 'fuzz was not given a test database',
      hint: 'Pass what createTestDatabase returned.',
    })
  }
  await loadParser()
  const { fuzzed, steps, difference } = await onStage(place, (stage) =>
    run(stage, { ...options, seed, operations }),
  )
  if (difference === undefined) return fuzzed
  const shrunk = await shrink(place, steps, difference)
  throw new MillraceError('NOT_FRESH', { detail: describeDifference(shrunk, seed) })
}

interface Run {
  readonly fuzzed: Fuzzed
  readonly steps: readonly Step[]
  readonly difference: Difference | undefined
}

async function run(
  stage: Stage,
  { seed, operations, tables: named }: FuzzOptions & { readonly seed: number; readonly operations: number },
): Promise<Run> {
  const script = await scriptFor(stage, seed, named)
  const steps: Step[] = []
  const reasons = new Map<string, number>()
  const count = { statements: 0, refused: 0, comparisons: 0 }
  let difference: Difference | undefined
  while (difference === undefined && count.statements < operations) {
    const step = await drawStep(script, stage)
    steps.push(step)
    const taken = await take(stage, step)
    if (step.kind === 'run') count.statements += 1
    else count.comparisons += stage.models.length
    if (taken === undefined) continue
    if ('difference' in taken) difference = taken.difference
    else {
      count.refused += 1
      reasons.set(taken.refused, (reasons.get(taken.refused) ?? 0) + 1)
      script.failed(step)
    }
  }
  difference ??= await settle(stage)
  return { fuzzed: { seed, ...count, reasons: mostFrequent(reasons) }, steps, difference }
}

async function scriptFor(
  { worker, models }: Stage,
  seed: number,
  named: readonly string[] | undefined,
): Promise<Script> {
  const plans = models.map(({ plan }) => plan)
  const tables = await readTables(worker, plans, named)
  if (tables.length === 0) {
    throw new MillraceError('BAD_USAGE', {
      detail: 'there is no table to write to',
      hint: 'Give createTestDatabase the read models, or fuzz the names of tables.',
    })
  }
  const selects = [
    ...plans.map(({ query }) => query),
    ...tables.flatMap(({ checks }) => checks.map((it) => `select ${it}`)),
  ]
  return newScript({ random: randomFrom(seed), tables, constants: constantsOf(selects) })
}

const TOLD = 5

function mostFrequent(reasons: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...reasons].sort(([, a], [, b]) => b - a).slice(0, TOLD))
}
