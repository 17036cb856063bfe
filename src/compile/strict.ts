import { HOME, queueName, QUEUE_SLOTS } from '../sql/names.ts'
import { ident, join, literal, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import type { ChainPart, Plan, PlanColumn, PlanStatements, RelationName, UnitColumn } from './plan.ts'
import { computedRankKeys, orderedList, readerColumns, readerList } from './decay.ts'
import { isNoneOf } from './recompute.ts'
import { possibleUnit, unitNames, type Batches } from './resolve.ts'
import { newestWatermark, relationOf } from './window.ts'

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
  /** The hidden column that must be true for a row to be seen. */
  readonly shown: string | null
  /** The function that raises where the sources hide rows. */
  readonly allRows: RelationName | null
  readonly decays?: Plan['decays']
  readonly names: StrictNames
  /** Of the models whose rows it reads: what their strict reads are made of. */
  readonly below: readonly ChainPart[]
  /** The parts that say whether these may be believed; null: they cannot be. */
  readonly lowerTrusts: readonly Sql[] | null
}

/** What the parts of a strict statement are called that others read. */
export interface StrictNames {
  readonly trust: Sql
  readonly dirty: Sql
}

/**
 * True if the stored table may be believed for units that are not queued: there is a watermark of this very database,
 * and of this very table (to an old snapshot, a model made anew is empty and has the watermark of the one before: LESSONS
 * 16), no rebuild is called for, and the sentinel of every slot is visible. A reader with an old snapshot does not see
 * the sentinel of a slot that was emptied since (TRUNCATE does not respect snapshots), and then the query itself must
 * answer (LESSONS 1, 5).
 */
function trustCondition({ storage, sources, batches, lowerTrusts }: StrictParts): Sql {
  if (lowerTrusts === null) return trusted('false')
  const isOurs = sql`w.cluster = ${ident(HOME, 'cluster')}() and w.relation = ${relationOf(storage)}`
  const watermark = sql`coalesce((${newestWatermark(storage, isOurs)}), false)`
  const sentinels = sources.map((source) => {
    const queue = queueName(source)
    return sql`(select count(*) from ${qualified(queue)} as q where q.xid = '0'::xid8) = ${trusted(String(QUEUE_SLOTS))}`
  })
  // After a TRUNCATE, or a statement too large to queue, nothing tells which units are affected.
  const marks = sources.map(
    (source) => sql`not exists (select from ${batches.nameOf(source)} as marks where op = 'R')`,
  )
  const lower = lowerTrusts.map((trust) => sql`(select is_trusted from ${trust})`)
  return join([watermark, ...sentinels, ...marks, ...lower], '\n    and ')
}

/** No part of a strict read is answered before this is asked. */
function seesAll({ allRows }: StrictParts): Sql {
  if (allRows === null) return sql``
  return sql`
  where ${qualified(allRows)}()`
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
  from ${qualified(pending)}`
}

/** The name under which a strict statement lists the units that are queued. */
export const DIRTY = trusted('millrace_dirty')
export const STRICT_NAMES: StrictNames = { trust: trusted('millrace_trust'), dirty: DIRTY }

/** Everything that a strict statement finds out before it reads rows: the models below first, then its own window. */
export function strictCtes(parts: StrictParts): readonly ChainPart[] {
  const { batches, names, unit, below } = parts
  const part = (name: Sql, text: Sql): ChainPart => ({ name: name.text, sql: text.text })
  return [
    ...below,
    ...parts.sources.map((source, i) => part(batches.nameOf(source), batches.ctes[i] ?? trusted(''))),
    part(
      names.trust,
      sql`${names.trust} (is_trusted) as materialized (
  select ${trustCondition(parts)}${seesAll(parts)}
)`,
    ),
    part(
      names.dirty,
      sql`${names.dirty} (${join(unitNames(unit))}) as materialized (
  select distinct *
  from (${dirtyUnits(parts)}) as dirty
)`,
    ),
  ]
}

export function withList(ctes: readonly ChainPart[]): string {
  return ctes.map((it) => it.sql).join(',\n')
}

/** The rows of the units that are queued, as they are now. `injected`: the query with those units injected. */
export function liveRows(parts: StrictParts, injected: Sql): Sql {
  const { decays = [], names } = parts
  return sql`select ${orderedList(readerColumns(parts), decays)}
from (
${injected}
) as live${computedRankKeys(decays, 'live')}
where (select is_trusted from ${names.trust})`
}

/**
 * The parts of a strict read. The window is read once, and its units are collected; then each part can be ordered and
 * limited by itself. `injected` is the query with those units injected.
 */
export function strictParts(parts: StrictParts, injected: Sql): PlanStatements['strict'] {
  const stored = parts.unit.map(({ name }) => ident('stored', name))
  const { decays = [] } = parts
  const own = orderedList(readerColumns(parts), decays)
  const keys = computedRankKeys(decays, 'live')
  const trust = sql`(select is_trusted from ${parts.names.trust})`
  return {
    with: withList(strictCtes(parts)),
    stored: sql`select ${own}
from ${qualified(parts.storage)} as stored
where ${trust}${
      parts.shown === null
        ? trusted('')
        : sql`
  and ${ident('stored', parts.shown)}`
    }
  and ${isNoneOf(parts.names.dirty, parts.unit, stored)}`.text,
    live: liveRows(parts, injected).text,
    blind: sql`select ${own}
from (
${parts.query}
) as live${keys}
where not ${trust}`.text,
  }
}

type ReaderParts = Pick<Plan, 'columns' | 'decays'>

/** The view for point reads: a condition on the key reaches the stored table and the query. */
export function strictView(
  parts: ReaderParts,
  { with: shared, stored, live, blind }: PlanStatements['strict'],
): Sql {
  const rows = [stored, live, blind].join('\nunion all\n')
  if (parts.decays === undefined) return trusted(`with ${shared}\n${rows}`)
  return trusted(
    `with ${shared}\nselect ${readerList(readerColumns(parts)).text}\nfrom (\n${rows}\n) as rows`,
  )
}

/**
 * The function for pages: the first rows in an order, where each part is ordered and limited by itself, so that the
 * stored rows come from an index. It runs with its owner's rights, as the view does, and builds its text from column
 * names and literals only.
 */
export function strictPage(
  {
    strictView: view,
    strictPage: page,
    key,
    ...parts
  }: Pick<Plan, 'strictView' | 'strictPage' | 'key'> & ReaderParts,
  { with: shared, stored, live, blind }: PlanStatements['strict'],
): Sql {
  const viewName = qualified(view)
  // Scores of the moment are computed of the rows that are returned, and not to order them.
  const [head, tail] =
    parts.decays === undefined
      ? ['select * from (', '']
      : [
          `select ${readerList(readerColumns(parts)).text.replaceAll('%', '%%')} from (select * from (`,
          ') as page',
        ]
  const part = (text: string) =>
    literal(`(select * from (${text.replaceAll('%', '%%')}) as part where %1$s order by %2$s limit %3$s)`)
  return sql`create or replace function ${qualified(page)}(
  order_by text,
  page_size bigint,
  skip bigint default 0,
  matching jsonb default '{}'
) returns setof ${viewName}
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
begin
  return query execute
    ${literal(`with ${shared} `)}
    || format(
      ${literal(head)}
      || ${join([stored, live, blind].map(part), "\n      || ' union all '\n      || ")}
      || ${literal(`) as page order by %2$s limit %4$s offset %5$s${tail}`)},
      millrace.page_filter(${literal(viewName.text)}, matching),
      millrace.page_order(${literal(viewName.text)}, order_by) || ${literal(join(key.map((name) => ident(name))).text)},
      page_size + skip, page_size, skip);
end
$millrace$`
}
