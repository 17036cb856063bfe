import { HOME, queueName, QUEUE_SLOTS } from '../sql/names.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import type { PlanColumn, RelationName, UnitColumn } from './plan.ts'
import { possibleUnit, unitNames, type Batches } from './resolve.ts'
import { newestWatermark, relationOf, readerWindow, windowOf } from './window.ts'

export interface StrictParts {
  readonly storage: RelationName
  readonly pending: RelationName
  readonly sources: readonly RelationName[]
  readonly columns: readonly PlanColumn[]
  readonly unit: readonly UnitColumn[]
  /** The whole query. */
  readonly query: Sql
  /** Units of all paths from the batches, `u1` …. */
  readonly units: Sql
  readonly batches: Batches
}

/**
 * True if the stored table may be believed for units that are not queued: there is a watermark of this very database,
 * and of this very table (to an old snapshot, a model made anew is empty and has the watermark of the one before: LESSONS
 * 16), no rebuild is called for, and the sentinel of every slot is visible. A reader with an old snapshot does not see the sentinel of a slot that
 * was emptied since (TRUNCATE does not respect snapshots), and then the query itself must answer (LESSONS 1, 5).
 */
export function trustCondition({ storage, sources }: Pick<StrictParts, 'storage' | 'sources'>): Sql {
  const isOurs = sql`w.cluster = ${ident(HOME, 'cluster')}() and w.relation = ${relationOf(storage)}`
  const watermark = sql`coalesce((${newestWatermark(storage, isOurs)}), false)`
  const sentinels = sources.map((source) => {
    const queue = queueName(source)
    return sql`(select count(*) from ${ident(queue.schema, queue.name)} as q where q.xid = '0'::xid8) = ${trusted(String(QUEUE_SLOTS))}`
  })
  // After a TRUNCATE, or a statement too large to queue, nothing tells which units are affected.
  const marks = sources.map(
    (source) =>
      sql`not exists (select from (${windowOf(source, readerWindow(storage))}) as marks where op = 'R')`,
  )
  return join([watermark, ...sentinels, ...marks], '\n    and ')
}

/** Units that are in the window or pending. */
function dirtyUnits({ unit, units, pending }: StrictParts): Sql {
  const names = join(unitNames(unit))
  return sql`select ${names}
  from (
${units}
  ) as resolved (${names})
  where ${possibleUnit(unit)}
  union all
  select ${names}
  from ${ident(pending.schema, pending.name)}`
}

/**
 * The view for point reads: a condition on the key reaches the stored table, the paths and the query. Units are not
 * collected beforehand, for one read needs to know only about its own.
 */
export function strictView(parts: StrictParts): Sql {
  const visible = join(visibleColumns(parts).map((name) => ident(name)))
  const dirty = sql`(with ${join(parts.batches.openCtes, ',\n  ')}
  ${dirtyUnits(parts)})`
  const trust = sql`(select ${trustCondition(parts)})`
  const stored = parts.unit.map(({ name }) => ident('stored', name))
  const live = parts.unit.map(({ name }) => ident('live', name))

  return sql`select ${visible}
from ${ident(parts.storage.schema, parts.storage.name)} as stored
where ${trust}
  and not exists (select from ${dirty} as dirty where ${sameUnit(parts.unit, stored)})
union all
select ${visible}
from (
${parts.query}
) as live
where ${trust}
  and ${isDirty(parts.unit, live, dirty)}
union all
select ${visible}
from (
${parts.query}
) as live
where not ${trust}`
}

function isDirty(unit: readonly UnitColumn[], live: readonly Sql[], dirty: Sql): Sql {
  const isNullable = unit.some(({ nullable }) => nullable)
  if (isNullable) return sql`exists (select from ${dirty} as dirty where ${sameUnit(unit, live)})`
  return sql`(${join(live)}) in (select ${join(unitNames(unit))} from ${dirty} as dirty)`
}

function sameUnit(unit: readonly UnitColumn[], values: readonly Sql[]): Sql {
  const names = unitNames(unit)
  const conditions = unit.map(({ nullable }, i) => {
    const equal = sql`dirty.${names[i] ?? trusted('')} = ${values[i] ?? trusted('')}`
    return nullable
      ? sql`(${equal} or (dirty.${names[i] ?? trusted('')} is null and ${values[i] ?? trusted('')} is null))`
      : equal
  })
  return join(conditions, ' and ')
}

/** The name under which a strict statement lists the units that are queued. */
export const DIRTY = trusted('millrace_dirty')
export const TRUST = trusted('millrace_trust')

/**
 * For pages and comparisons: the queued units are collected once, and each half can be ordered and limited by itself.
 * `live` is the query with those units injected.
 */
export function strictParts(parts: StrictParts, injected: Sql) {
  const visible = visibleColumns(parts)
  const stored = parts.unit.map(({ name }) => ident('stored', name))
  const own = join(visible.map((name) => ident(name)))
  const trust = sql`(select is_trusted from ${TRUST})`
  return {
    with: join(
      [
        ...parts.batches.ctes,
        sql`${TRUST} (is_trusted) as materialized (select ${trustCondition(parts)})`,
        sql`${DIRTY} (${join(unitNames(parts.unit))}) as materialized (
  select distinct *
  from (${dirtyUnits(parts)}) as dirty
)`,
      ],
      ',\n',
    ).text,
    stored: sql`select ${own}
from ${ident(parts.storage.schema, parts.storage.name)} as stored
where ${trust}
  and not exists (select from ${DIRTY} as dirty where ${sameUnit(parts.unit, stored)})`.text,
    live: sql`select ${own}
from (
${injected}
) as live
where ${trust}`.text,
    blind: sql`select ${own}
from (
${parts.query}
) as live
where not ${trust}`.text,
  }
}

function visibleColumns({ columns }: StrictParts): readonly string[] {
  return columns.filter(({ hidden }) => !hidden).map(({ name }) => name)
}
