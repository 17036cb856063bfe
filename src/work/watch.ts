import type { InstalledModel } from './model.ts'
import type { Standing } from './share.ts'

/** What a worker knows of one model: where it stands in its line, and when somebody last drained it. */
export interface Watch extends Standing {
  /** When this worker looked at it, or another was seen to have drained it: by this process's own clock, in milliseconds. */
  readonly attendedAt: number
  /** At the last look at all models, those who stand before this worker seemed to leave it alone. */
  readonly isNeglected: boolean
  /** The snapshot in which this worker found nothing to do. As long as it is current, nothing has been committed. */
  readonly idleAt: string | undefined
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

/** Compares the newest watermarks with those of the look before: whoever drains a model moves it. */
export function watch(before: Watches, standings: readonly Standing[], now: number): Watches {
  return new Map(
    standings.map((standing) => {
      const { storage, rank, watermark, ageMs } = standing
      const known = before.get(storage)
      const attendedAt = known?.watermark === watermark ? known.attendedAt : now - (ageMs ?? Infinity)
      const isNeglected = rank > 0 && now - attendedAt >= STEP_IN_MS * Math.min(rank, MOST_STEPS)
      return [storage, { ...standing, attendedAt, isNeglected, idleAt: known?.idleAt }]
    }),
  )
}

/** This worker has looked at a model, and left nothing to do there; `idleAt` if there was nothing. */
export function attended(watches: Watches, storage: string, now: number, idleAt?: string): Watches {
  const known = watches.get(storage)
  if (known === undefined) return watches
  return new Map(watches).set(storage, { ...known, attendedAt: now, isNeglected: false, idleAt })
}

/** As time passes units that were set aside become due without a commit: whoever tends the model looks at it again. */
export function tendAgain(watches: Watches): Watches {
  return new Map(
    [...watches].map(([storage, known]) => [
      storage,
      known.rank === 0 ? { ...known, idleAt: undefined } : known,
    ]),
  )
}

/**
 * The models that this worker should look at in this round, the one that has waited longest first: its own, and those of
 * others that seem to be left alone.
 */
export function dueModels(
  models: readonly InstalledModel[],
  watches: Watches,
  { snapshot, since }: { readonly snapshot: string | undefined; readonly since: number },
): readonly InstalledModel[] {
  const isDue = ({ rank, isNeglected, attendedAt, idleAt }: Watch) =>
    attendedAt < since && idleAt !== snapshot && (rank === 0 || isNeglected)
  return models
    .flatMap((model) => {
      const known = watches.get(model.storage)
      return known !== undefined && isDue(known) ? [{ model, attendedAt: known.attendedAt }] : []
    })
    .toSorted((a, b) => a.attendedAt - b.attendedAt)
    .map(({ model }) => model)
}
