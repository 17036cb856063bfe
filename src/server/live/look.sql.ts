import { readerColumns } from '../../compile/decay.ts'
import { SHOWN } from '../../compile/immediate/shown-rows.ts'
import type { Plan, RelationName } from '../../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'

/**
 * → what has happened since: the snapshot, the cluster, and of each read model in use its stored table, when it was installed, and its
 * newest watermark. One statement for all who listen.
 */
export const NEWS = `
  select pg_current_snapshot()::text as snapshot,
         millrace.cluster() as cluster,
         (
           select coalesce(
                    json_agg(json_build_object(
                      'schema', m.schema_name,
                      'name', m.name,
                      'version', m.storage || ' ' || m.installed_at::text,
                      'storage', m.storage,
                      'n', (
                        select max(w.n)::text
                        from millrace.watermark as w
                        where w.model = m.storage
                      ))),
                    '[]')
           from millrace.model as m
           where m.state = 'ready'
         ) as models`

/** `$1` storage → the plan of that version. */
export const READ_PLAN = 'select m.plan from millrace.model as m where m.storage = $1::text'

/** The oldest transaction that this snapshot may not see: what it has written, or will, is news to whoever looks next. */
export const HORIZON = 'select pg_snapshot_xmin(pg_current_snapshot())::text as horizon'

export interface LookedAt {
  readonly storage: RelationName
  /** The columns that readers see. */
  readonly seen: readonly { readonly name: string; readonly type: string }[]
  /** Those of them that time changes. */
  readonly decaying: readonly string[]
  readonly key: readonly { readonly name: string; readonly type: string }[]
  /** What readers see, over the stored row `s`. */
  readonly row: Sql
  /** False for stored rows that readers do not see. */
  readonly isShown: Sql
}

/** A version as far as its rows are looked at, from its plan. */
export function lookedAt(plan: Plan | RefreshPlan): LookedAt {
  const { columns, decays } = isRefreshed(plan)
    ? { columns: plan.columns.map((it) => ({ ...it, hidden: false })), decays: [] }
    : { decays: [], ...plan }
  const seen = readerColumns({ columns, decays })
  const own = (name: string) => ident('s', name)
  return {
    storage: plan.storage,
    seen: seen.map(({ name, type }) => ({ name, type })),
    decaying: decays.map(({ column }) => column),
    key: plan.key.map((name) => ({ name, type: seen.find((it) => it.name === name)?.type ?? 'text' })),
    row: join(seen.map(({ name, value }) => sql`${value(own)} as ${ident(name)}`)),
    isShown: columns.some(({ name }) => name === SHOWN)
      ? sql`coalesce(${own(SHOWN)}, false)`
      : sql`s.tableoid is not null`,
  }
}

/** All that readers see, from what is stored: whoever may read that need not be able to read what they read. */
export function shownRows({ storage, row, isShown }: LookedAt): Sql {
  return sql`(select ${row} from ${qualified(storage)} as s where ${isShown})`
}

/** Names that no column of a read model has. */
export const AT = 'millrace:at'
export const IS_THERE = 'millrace:is there'

/**
 * One list for each key column that is not null in this pattern; then `bigint`, the horizon of the last look at these keys, null where
 * there was none; then `boolean`, whether they had rows. → for each key that may have another row now: its place in
 * the lists, counted from 1, and the row as readers see it.
 *
 * A stored row that is not what it was has been written since the last look, by a transaction that this did not see: so the
 * row's own transaction is not before that look's horizon. Counted as the system counts them, in 32 bits: a row so old that it
 * cannot be told from a new one is looked at for nothing. It is not asked whether the last snapshot saw that transaction: rows that are
 * written behind a savepoint have a number which no snapshot names.
 */
export function changedRows({ storage, key, row, isShown }: LookedAt, nulls: readonly boolean[]): string {
  const given = key.flatMap(({ type }, i) => (nulls[i] === true ? [] : [{ type, name: keyName(i) }]))
  const lists = given.map(({ type }, i) => sql`${parameter(i)}::${trusted(type)}[]`)
  // A key of nulls alone is one key, and has no list.
  const from = lists.length === 0 ? [trusted('array[true]')] : lists
  const names = lists.length === 0 ? [trusted('k')] : given.map((it) => it.name)
  const since = sql`${parameter(given.length)}::bigint`
  const wasThere = sql`${parameter(given.length + 1)}::boolean`
  const matches = key.map(({ name }, i) => {
    const own = ident('s', name)
    return nulls[i] === true ? sql`${own} is null` : sql`${own} = u.${keyName(i)}`
  })
  return sql`select u.at::int as ${ident(AT)}, ${isShown} as ${ident(IS_THERE)}, ${row}
from unnest(${join(from)}) with ordinality as u (${join([...names, trusted('at')])})
left join ${qualified(storage)} as s on ${join(matches, ' and ')}
where ${since} is null
   or (s.tableoid is null and ${wasThere})
   or ((s.xmin::text::bigint - ${since}) & 4294967295) < 2147483648`.text
}

function keyName(at: number): Sql {
  return trusted(`k${String(at + 1)}`)
}

function parameter(at: number): Sql {
  return trusted(`$${String(at + 1)}`)
}
