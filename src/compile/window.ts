import { queueName } from '../sql/names.ts'
import { ident, literal, sql, trusted, type Sql } from '../sql/sql.ts'
import type { RelationName } from './plan.ts'

/** The two values that bound a window: the last watermark's snapshot, and its horizon. */
export interface Window {
  readonly snapshot: Sql
  readonly horizon: Sql
  /** Of an immediate model: only what its writers did not apply themselves, or have not yet. */
  readonly left?: Sql | undefined
}

/** The window of a drain, which has read the watermark already: parameters 1 and 2. */
export const DRAIN_WINDOW: Window = {
  snapshot: trusted('$1::text::pg_snapshot'),
  horizon: trusted('$2::text::xid8'),
}

/** The same for a model that writers keep themselves. */
export const DEFERRED_WINDOW: Window = { ...DRAIN_WINDOW, left: trusted('q.deferred') }

/** The window of a statement that finds the watermark by itself. */
export function readerWindow(storage: RelationName, isImmediate = false): Window {
  return {
    snapshot: sql`(${newestWatermark(storage, trusted('w.snapshot::pg_snapshot'))})`,
    horizon: sql`(${newestWatermark(storage, trusted('w.horizon'))})`,
    // Until it commits, one's own change is not applied.
    left: isImmediate ? trusted('(q.deferred or q.xid = pg_current_xact_id_if_assigned())') : undefined,
  }
}

/** The stored table itself: of a model that was removed and made anew, an older watermark names another one. */
export function relationOf({ schema, name }: RelationName): Sql {
  return sql`${literal(ident(schema, name).text)}::regclass`
}

export function newestWatermark(storage: RelationName, value: Sql): Sql {
  return sql`select ${value} from millrace.watermark as w where w.model = ${literal(storage.name)} order by w.n desc limit 1`
}

/**
 * Rows of a source's queue in the window. The first two conditions are for the index, the third is the truth. The upper
 * bound keeps nothing out: a range is estimated as few rows where a half-open one is estimated as a third of the table.
 */
export function windowOf(
  source: RelationName,
  { snapshot, horizon, left }: Window,
  columns: Sql = trusted('*'),
): Sql {
  const { schema, name } = queueName(source)
  return sql`select ${columns}
    from ${ident(schema, name)} as q
    where q.xid >= ${horizon}
      and q.xid <= '18446744073709551615'::xid8
      and not pg_visible_in_snapshot(q.xid, ${snapshot})${
        left === undefined
          ? trusted('')
          : sql`
      and ${left}`
      }`
}

/** What this transaction has queued by the given statements (`$1`, their numbers), to apply it when it commits. */
export function ownChanges(source: RelationName): Sql {
  const { schema, name } = queueName(source)
  return sql`select *
    from ${ident(schema, name)} as q
    where q.xid = pg_current_xact_id()
      and q.statement = any ($1)`
}
