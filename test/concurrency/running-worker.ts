import type { WorkEvent } from '../../src/work/events.ts'
import { work } from '../../src/work/loop.ts'
import { atEndOfTest } from '../support/clean-up.ts'

/** A worker in this process. */
export interface Running {
  readonly events: readonly WorkEvent[]
  /** Waits for an event, also if it has come already. */
  until(matches: (event: WorkEvent) => boolean): Promise<void>
  stop(): Promise<void>
}

export type DrainedEvent = Extract<WorkEvent, { kind: 'drained' }>

const running = new Set<Running>()
atEndOfTest(async () => {
  for (const worker of running) await worker.stop()
})

export function runWorker(url: string): Running {
  const controller = new AbortController()
  const events: WorkEvent[] = []
  const waiting = new Set<() => void>()
  const done = work({
    url,
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

export function drainsOf({ events }: Running, name: string): readonly DrainedEvent[] {
  return events.filter((event) => event.kind === 'drained').filter(({ model }) => model.name === name)
}
