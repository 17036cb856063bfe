import type { WorkEvent } from '../work/events.ts'
import type { Output } from './output.ts'
import { barText, counted } from './progress.ts'

/** When each model's progress was last told. */
export type ToldAt = Map<string, number>

type Drained = Extract<WorkEvent, { kind: 'drained' }>

/** More often would flood a log under load. */
const TELL_EVERY_MS = 5_000

/** How far a model is with units that were too many for one drain: a bar on a terminal, a line now and then in a log. */
export function tellBacklog(
  { model, backlog }: Drained,
  { progress, log }: Pick<Output, 'progress' | 'log'>,
  toldAt: ToldAt,
  now: number = performance.now(),
): void {
  if (backlog === null) return
  const { done, total } = backlog
  if (done >= total) {
    toldAt.delete(model.storage)
    log(`${model.name}: ${counted(total, 'unit')}, done`)
    return
  }
  progress.update(model.name, done, total)
  const last = toldAt.get(model.storage)
  if (last !== undefined && now - last < TELL_EVERY_MS) return
  toldAt.set(model.storage, now)
  log(barText(model.name, done, total))
}
