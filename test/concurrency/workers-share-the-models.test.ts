import { afterEach, expect, test } from 'vitest'
import type { WorkEvent } from '../../src/work/events.ts'
import { work } from '../../src/work/loop.ts'
import { AUTHORS, FANS, FEED, TITLES } from './feed.ts'
import { createStage, type Stage } from './stage.ts'
import { untilRow } from './steps.ts'

interface Running {
  readonly events: WorkEvent[]
  /** Waits for an event, also if it has come already. */
  until(matches: (event: WorkEvent) => boolean): Promise<void>
  stop(): Promise<void>
}

const running = new Set<Running>()
afterEach(async () => {
  for (const worker of running) await worker.stop()
})

function startWorker(stage: Stage): Running {
  const controller = new AbortController()
  const events: WorkEvent[] = []
  const waiting = new Set<() => void>()
  const done = work({
    url: stage.database.url('worker'),
    signal: controller.signal,
    onEvent: (event) => {
      events.push(event)
      for (const wake of waiting) wake()
    },
  })
  const worker: Running = {
    events,
    async until(matches) {
      while (!events.some(matches)) await new Promise<void>((resolve) => waiting.add(resolve))
    },
    async stop() {
      running.delete(worker)
      controller.abort()
      await done
    },
  }
  running.add(worker)
  return worker
}

const MODELS = [AUTHORS, FANS, FEED, TITLES]

/** The newest share that a worker told of. */
function shareOf({ events }: Running): readonly string[] | undefined {
  const last = events.findLast((event) => event.kind === 'shared')
  return last?.models.map(({ name }) => name)
}

const isOneOf = (workers: number) => (event: WorkEvent) =>
  event.kind === 'shared' && event.workers === workers

/** Renames all, and waits until every model has it: a change of each. */
async function renameAll(stage: Stage, round: number): Promise<void> {
  const title = `round ${String(round)}`
  await stage.superuser.query('update users set name = $1', [title])
  await stage.superuser.query('update projects set title = $1', [title])
  const rows = [
    ['authors_v1', `titles like '%' || $1`],
    ['fans_v1', 'name = $1'],
    ['feed_v1', 'author = $1 and title = $1'],
    ['titles_v1', 'title = $1'],
  ] as const
  for (const [table, condition] of rows)
    await untilRow(stage.owner, `select from millrace.${table} where ${condition}`, [title])
}

test('a model that one worker tends is left alone by the others, but for a look now and then', async () => {
  const stage = await createStage({ models: MODELS })
  const workers = [startWorker(stage), startWorker(stage)]
  await Promise.all(workers.map((worker) => worker.until(isOneOf(2))))
  const drainsOfBoth = async (rounds: number) => {
    for (const worker of workers) worker.events.splice(0)
    for (let round = 0; round < rounds; round += 1) await renameAll(stage, round)
    return MODELS.map(({ name }) =>
      workers
        .map(({ events }) => events.filter((it) => it.kind === 'drained' && it.model.name === name).length)
        .toSorted((a, b) => a - b),
    )
  }
  // Where the processor is not to be had, one that tends is late, and the other steps in as it should: then it is looked at again.
  let drains = await drainsOfBoth(40)
  for (let again = 0; again < 20 && !drains.every(isOnes); again += 1) drains = await drainsOfBoth(40)
  expect(drains.filter((it) => !isOnes(it))).toEqual([])
  await Promise.all(workers.map((worker) => worker.stop()))
  await stage.expectExact()
})

function isOnes([few = 0, many = 0]: readonly number[]): boolean {
  return many > 2 * few
}

test('one that joins takes its share, one that leaves gives it back', async () => {
  const stage = await createStage({ models: MODELS })
  const first = startWorker(stage)
  await first.until((event) => event.kind === 'started')
  await renameAll(stage, 1)

  const second = startWorker(stage)
  await Promise.all([first, second].map((worker) => worker.until(() => shareOf(worker)?.length === 2)))
  expect([shareOf(first), shareOf(second)].flat().toSorted()).toEqual(MODELS.map(({ name }) => name))
  await renameAll(stage, 2)

  await second.stop()
  await first.until(() => shareOf(first)?.length === 4)
  await renameAll(stage, 3)
  await first.stop()
  expect([...first.events, ...second.events].filter(({ kind }) => kind === 'failed')).toEqual([])
  await stage.expectExact()
})

test('when the one has gone who emptied the queues, the next one does', async () => {
  const stage = await createStage({ models: MODELS })
  const first = startWorker(stage)
  await first.until((event) => event.kind === 'started')
  const second = startWorker(stage)
  await Promise.all([first, second].map((worker) => worker.until(isOneOf(2))))
  await renameAll(stage, 1)
  await first.stop()
  await renameAll(stage, 2)
  await second.until((event) => event.kind === 'rotated' && event.rotated.emptied > 0)
  await second.stop()
  await stage.expectExact()
})
