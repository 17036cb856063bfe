import { QUEUE_SLOTS } from './names.ts'
import { trusted, type Sql } from './sql.ts'

/**
 * How long writers use one slot of a queue. A slot is free to be emptied for two of three turns; a shorter turn would
 * make exclusive locks more frequent, a longer one the slots bigger.
 */
const SLOT_SECONDS = 10

/**
 * The slot that a writer uses now, by the server's clock. Nothing is switched and nothing agreed on: a row in any slot
 * is found by every drain, so a writer that chose a moment ago is as right as one that chooses now.
 */
export function currentSlot(): Sql {
  return trusted(
    `(extract(epoch from clock_timestamp())::bigint / ${String(SLOT_SECONDS)} % ${String(QUEUE_SLOTS)})::smallint`,
  )
}
