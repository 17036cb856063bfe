import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Client } from '../../src/pg/client.ts'
import { readModels } from '../../src/work/model.ts'
import { randomFrom, type Random } from '../oracle/random.ts'
import { PATIENCE_MS } from '../support/patience.ts'
import type { Process } from './process.ts'
import { byTurns } from './rounds.ts'
import { expectNothingLost, makeScene, run, type Scene } from './scene.ts'
import { watchUnattended, type Unattended } from './unattended.ts'
import { until } from './until.ts'
import { expectSays, inMidDrain, untilDrained } from './worker-at-work.ts'

/** MILLRACE_WORKERS_SECONDS is for each number of workers. */
const SECONDS = Number(process.env['MILLRACE_WORKERS_SECONDS'] ?? '10')
/** What is promised, however many workers are killed or hang, as long as one is well. */
const PROMISED_MS = 2_000
/**
 * In two seconds the workers drain more than sixty times, and all models are looked at more than twenty times, on two cores that
 * do nothing else; where ten processes want those, it is fewer than twenty times and ten. So where neither came to half of what
 * is usual, the processor was not to be had, and the wait says nothing about the workers.
 */
const ENOUGH_DRAINS = 30
const ENOUGH_LOOKS = 15

test.each(byTurns([2, 5], 'first'))(
  '%i workers, killed and frozen at random: no model is left alone, and nothing is lost',
  async (count) => {
    const scene = await makeScene({ seed: count })
    await run(scene, 'installer', 'migrate', 'up')
    const owner = await scene.database.connect('owner')
    const models = await readModels(owner)
    const hands = Array.from({ length: count }, () => startHand(scene))
    await Promise.all(hands.map(({ process }) => expectSays(process, 'working on')))
    await scene.writer.start()

    const watching = new AbortController()
    const unattended = watchUnattended(owner, models, watching.signal)
    const superuser = await scene.database.connect('superuser')
    const faults = await trouble({ scene, hands, superuser }, randomFrom(count))
    watching.abort()
    const waits = await unattended
    console.log(report(count, faults, waits))

    await scene.writer.stop()
    await untilDrained(owner, models)
    for (const { process } of hands) process.signal('SIGTERM')
    for (const { process } of hands) expect(await process.ended).toMatchObject({ code: 0 })
    await expectNothingLost(scene)
    expect(waits.length, 'looks that saw a model wait').toBeGreaterThan(0)
    expect(waits.filter(isLeftAlone)).toEqual([])
  },
  SECONDS * 1_000 + PATIENCE_MS,
)

function isLeftAlone({ ms, otherDrains, looks }: Unattended): boolean {
  return ms > PROMISED_MS && (otherDrains >= ENOUGH_DRAINS || looks >= ENOUGH_LOOKS)
}

/** One worker, who may be replaced. */
interface Hand {
  process: Process
  isWell: boolean
}

function startHand(scene: Scene): Hand {
  return { process: scene.start('worker'), isWell: true }
}

interface Crew {
  readonly scene: Scene
  readonly hands: readonly Hand[]
  /** Who may see what the workers' sessions do. */
  readonly superuser: Client
}

interface Faults {
  kills: number
  freezes: number
}

/**
 * Until the time is over, with time for a handover between two faults as a rule: kills and freezes, but never the last one
 * that is well. All are well at the end.
 */
async function trouble(crew: Crew, random: Random): Promise<Faults> {
  const faults = { kills: 0, freezes: 0 }
  const end = performance.now() + SECONDS * 1_000
  const troubles: Promise<void>[] = []
  while (performance.now() < end) {
    await pause(300 + random.below(900))
    const well = crew.hands.filter(({ isWell }) => isWell)
    if (well.length < 2) continue
    const hand = random.pick(well)
    hand.isWell = false
    const isKilled = random.below(3) === 0
    faults[isKilled ? 'kills' : 'freezes'] += 1
    const ends = isKilled ? replace(crew, hand) : freeze(crew, hand, 200 + random.below(2_500))
    // One that fails meanwhile is told of at the end.
    ends.catch(() => undefined)
    troubles.push(ends)
  }
  await Promise.all(troubles)
  return faults
}

async function replace({ scene }: Crew, hand: Hand): Promise<void> {
  await hand.process.kill()
  hand.process = scene.start('worker')
  await expectSays(hand.process, 'working on')
  hand.isWell = true
}

async function freeze({ hands, superuser }: Crew, hand: Hand, ms: number): Promise<void> {
  hand.process.signal('SIGSTOP')
  await pause(ms)
  hand.process.signal('SIGCONT')
  // The server may have ended its session; it is well when one more is at work than those that are.
  await until(async () => (await workersAtWork(superuser)) > hands.filter(({ isWell }) => isWell).length)
  hand.isWell = true
}

/** Sessions of workers that have just done something: even an idle one does 40 times a second. */
async function workersAtWork(superuser: Client): Promise<number> {
  const [row] = await superuser.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where application_name = 'millrace worker' and datname = current_database()
       and state_change > clock_timestamp() - interval '0.1 seconds'`,
  )
  return row?.count ?? 0
}

function report(count: number, { kills, freezes }: Faults, waits: readonly Unattended[]): string {
  const longest = waits
    .slice(0, 5)
    .map(
      ({ model, ...it }) =>
        `${model} ${String(it.ms)} (${String(it.otherDrains)} drains, ${String(it.looks)} looks)`,
    )
  return `${String(count)} workers, ${String(kills)} kills, ${String(freezes)} freezes, unattended for ms: ${longest.join(', ')}`
}

test.each(byTurns(['SIGKILL', 'SIGSTOP'] as const, 'second'))(
  '%s in the middle of a drain: another worker drains that model',
  async (signal) => {
    const scene = await makeScene()
    await run(scene, 'installer', 'migrate', 'up')
    const [owner, superuser] = [
      await scene.database.connect('owner'),
      await scene.database.connect('superuser'),
    ]
    const models = await readModels(owner)
    const first = scene.start('worker')
    await expectSays(first, 'working on')
    const [pid] = await workerProcesses(superuser)
    const second = scene.start('worker')
    await expectSays(second, 'one of 2 workers')
    await scene.writer.start()

    const struck: { storage?: string } = {}
    for (let i = 0; struck.storage === undefined; i += 1) {
      const model = models[i % models.length]
      if (model === undefined) throw new Error('nothing is installed')
      await inMidDrain(owner, model, (waiting) => {
        // It may be the other one, at its look at everything.
        if (waiting === pid) {
          first.signal(signal)
          struck.storage = model.storage
        }
        return Promise.resolve()
      })
    }
    const before = await newest(owner, struck.storage)
    await until(async () => (await newest(owner, struck.storage)) > before)

    if (signal === 'SIGSTOP') {
      // When it wakes up, the server has ended its session, and it begins anew.
      await until(async () => !(await workerProcesses(superuser)).includes(pid ?? 0))
      first.signal('SIGCONT')
      await expectSays(first, 'no connection')
    }
    await scene.writer.commits(5)
    await scene.writer.stop()
    await untilDrained(owner, models)
    for (const process of [first, second]) process.signal('SIGTERM')
    await Promise.all([first.ended, second.ended])
    await expectNothingLost(scene)
  },
)

async function workerProcesses(client: Client): Promise<readonly number[]> {
  const rows = await client.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'millrace worker' and datname = current_database()`,
  )
  return rows.map(({ pid }) => pid)
}

async function newest(client: Client, storage: string | undefined): Promise<number> {
  const [row] = await client.query<{ n: number }>(
    'select max(n)::int as n from millrace.watermark where model = $1',
    [storage],
  )
  return row?.n ?? 0
}
