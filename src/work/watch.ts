import { lowerFirst } from '../compile/order.ts'
import type { Plan } from '../compile/plan.ts'
import type { InstalledModel } from './model.ts'
import { paceOfPlan, type Backlog } from './pace.ts'
import type { Standing } from './share.ts'

/** What a worker knows of one model: where it stands in its line, and when somebody last drained it. */
export interface Watch extends Standing {
  /** When this worker looked at it, or another was seen to have drained it: by this process's own clock, in milliseconds. */
  readonly attendedAt: number
  /** When it was last drained, by whomever. */
  readonly drainedAt: number
  /** Units that the next drain takes at most; undefined: as many as the model's batch has. */
  readonly limit: number | undefined
  readonly backlog: Backlog | null
  /** At the last look at all models, those who stand before this worker seemed to leave it alone. */
  readonly isNeglected: boolean
  /** This worker has found nothing to do, and nothing has come into its queues since. */
  readonly isIdle: boolean
}

/** By the names of the stored tables. */
export type Watches = ReadonlyMap<string, Watch>

/**
 * The next one in a model's line steps in when nobody has drained it for so long, the one after that after twice as long:
 * so it does not matter who hangs, nor when, and they do not all come at once.
 */
const STEP_IN_MS = 200
/** However long the line is, its last one steps in after a second. */
const MOST_STEPS = 5

/**
 * Compares the newest watermarks with those of the look before: whoever drains a model moves it. A model that pauses is not
 * left alone, so the wait for it counts from the end of the pause.
 */
export function watch(
  before: Watches,
  standings: readonly Standing[],
  now: number,
  models: readonly Paced[] = [],
): Watches {
  const pauses = new Map(models.map(({ storage, plan }) => [storage, paceOfPlan(plan).pauseMs]))
  return new Map(
    standings.map((standing) => {
      const { storage, rank, watermark, ageMs } = standing
      const known = before.get(storage)
      const movedAt = now - (ageMs ?? Infinity)
      const { attendedAt, drainedAt } =
        known?.watermark === watermark ? known : { attendedAt: movedAt, drainedAt: movedAt }
      const waitsSince = Math.max(attendedAt, drainedAt + (pauses.get(storage) ?? 0))
      const isNeglected = rank > 0 && now - waitsSince >= STEP_IN_MS * Math.min(rank, MOST_STEPS)
      const { isIdle = false, limit, backlog = null } = known ?? {}
      return [storage, { ...standing, attendedAt, drainedAt, isNeglected, isIdle, limit, backlog }]
    }),
  )
}

/** What of a model says how it is drained. */
export type Paced = Pick<InstalledModel, 'storage'> & { readonly plan: Pick<Plan, 'pace' | 'models'> }

/** This worker has looked at a model, and left nothing to do there; `isIdle` if there was nothing. */
export function attended(watches: Watches, storage: string, now: number, isIdle = false): Watches {
  const known = watches.get(storage)
  if (known === undefined) return watches
  return new Map(watches).set(storage, { ...known, attendedAt: now, isNeglected: false, isIdle })
}

/** This worker has drained a model. `next`: how many units the next drain takes, and what waits for it. */
export function drained(
  watches: Watches,
  storage: string,
  now: number,
  next: Pick<Watch, 'limit' | 'backlog'>,
): Watches {
  const known = attended(watches, storage, now).get(storage)
  if (known === undefined) return watches
  // Progress that is complete has been told.
  const backlog = next.backlog === null || next.backlog.done >= next.backlog.total ? null : next.backlog
  return new Map(watches).set(storage, { ...known, drainedAt: now, limit: next.limit, backlog })
}

/** Something has come into the queues of these models; undefined: of all, as far as anybody knows. */
export function touch(watches: Watches, storages: ReadonlySet<string> | undefined): Watches {
  if (storages?.size === 0) return watches
  return new Map(
    [...watches].map(([storage, known]) => [
      storage,
      storages === undefined || storages.has(storage) ? { ...known, isIdle: false } : known,
    ]),
  )
}

/** As time passes units that were set aside become due without a commit: whoever tends the model looks at it again. */
export function tendAgain(watches: Watches): Watches {
  return new Map(
    [...watches].map(([storage, known]) => [storage, known.rank === 0 ? { ...known, isIdle: false } : known]),
  )
}

interface Round {
  /** When it began. */
  readonly since: number
  readonly now: number
}

/**
 * The models that this worker should look at in this round: its own, and those of others that seem to be left alone; none
 * that pauses. First comes the one that has used most of the time for which its changes may wait, and before it what it reads.
 */
export function dueModels<T extends Paced>(
  models: readonly T[],
  watches: Watches,
  { since, now }: Round,
): readonly T[] {
  const due = models
    .flatMap((model) => {
      const known = watches.get(model.storage)
      const { maxLagMs, pauseMs } = paceOfPlan(model.plan)
      if (known === undefined || !isOurs(known) || known.attendedAt >= since || isAsleep(model, watches))
        return []
      return now < known.drainedAt + pauseMs ? [] : [{ model, used: (now - known.attendedAt) / maxLagMs }]
    })
    .toSorted((a, b) => compare(b.used, a.used))
    .map(({ model }) => model)
  // A change that a lower one brings is then drained in the same round.
  return lowerFirst(due, ({ storage, plan }) => ({ storage: { name: storage }, models: plan.models }))
}

function isOurs({ rank, isNeglected }: Watch): boolean {
  return rank === 0 || isNeglected
}

/** Nor has anything to do what it reads and we drain: that puts rows into its queue after the look. */
function isAsleep({ storage, plan }: Paced, watches: Watches): boolean {
  const below = (plan.models ?? []).flatMap((it) => watches.get(it.storage.name) ?? [])
  return watches.get(storage)?.isIdle === true && below.every((it) => it.isIdle || !isOurs(it))
}

/** Two that were never drained have both waited for ever. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}
