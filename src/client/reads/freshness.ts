import type { ModelReference } from '../../define/model-reference.ts'
import { MillraceError } from '../../errors.ts'
import { displayName } from '../../sql/names.ts'
import type { Ask } from '../statement.ts'

/** How old an answer of a read model is at most. */
export interface Age {
  /** Changes that are queued, and units that wait to be recomputed. */
  readonly waiting: number
  /**
   * Since the newest watermark, in milliseconds: what waits was committed after it. 0 where nothing waits, for then the rows are those
   * of this moment. Of a refreshed read model since its last refresh.
   */
  readonly ageMs: number
  /** When the newest watermark was written; null: there is none yet. */
  readonly reachedAt: Date | null
}

const FRESHNESS = `
select f.waiting::text as waiting,
       (extract(epoch from f.reached_at) * 1000)::float8 as reached,
       (extract(epoch from clock_timestamp() - f.reached_at) * 1000)::float8 as age
from millrace.freshness($1::text) as f`

export async function readAge(ask: Ask, model: ModelReference): Promise<Age> {
  const name = displayName({ schema: model.schema ?? 'public', name: model.name })
  const [found] = await ask<{ waiting: string; reached: number | null; age: number | null }>(FRESHNESS, [
    name,
  ])
  if (found === undefined) {
    const hint = 'Install it first: millrace migrate up. Or is this another database?'
    throw new MillraceError('MODEL_UNKNOWN', { detail: name, hint })
  }
  const waiting = Number(found.waiting)
  const isOld = waiting > 0 || typeof model.freshness === 'object'
  return {
    waiting,
    ageMs: isOld ? Math.max(0, found.age ?? Infinity) : 0,
    reachedAt: found.reached === null ? null : new Date(found.reached),
  }
}
