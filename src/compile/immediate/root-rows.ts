import type { Occurrence } from '../../analyze/analysis.ts'
import { columnRef } from '../../analyze/ast/nodes.ts'
import type { Node } from '../../sql/parse.ts'
import { deparseExpression } from '../../sql/deparse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import { maskLiteral, maskOf } from '../capture/changed-bits.ts'
import type { FoldLayout, PlacedState } from '../fold/fold-layout.ts'
import { computedValue } from '../fold/fold-values.ts'
import type { RelationName, UnitColumn } from '../plan.ts'
import { SHOWN, type ShownRows } from './shown-rows.ts'
import { changedRows, type RowEvent } from '../capture/transition.ts'

/** The table whose rows are the rows of a read model, when writers set what they show. */
export interface RootRows {
  readonly root: Occurrence
  /** The root's alias in the query. */
  readonly alias: string
  /** The root's columns that are the key, in the order of the unit. */
  readonly key: readonly string[]
  readonly condition: Node | null
  readonly own: ShownRows['own']
  /** A column or the condition is more than columns of the row. */
  readonly mayFail: boolean
}

interface Stored {
  readonly layout: FoldLayout
  readonly storage: RelationName
  readonly unit: readonly UnitColumn[]
}

const CAME = ident('millrace_came')

/**
 * Sets what the root's changed rows show. The writers of a row are in order already: each holds the root's row. Keys that
 * went and did not come back are hidden; their stored rows go when nothing is left that was added up for them.
 */
export function setRootRows({ layout, storage, unit }: Stored, rows: RootRows, images: Sql): Sql {
  const { alias, key, condition, own } = rows
  const states = layout.columns.flatMap((it) => it.states)
  const passes = condition === null ? trusted('true') : sql`coalesce(${deparseExpression(condition)}, false)`
  const isShown = condition === null ? CAME : sql`${CAME} and ${passes}`
  const shown = (value: Sql, type: string) => sql`case when ${isShown} then ${value} end::${trusted(type)}`
  const columns = [
    ...unit.map(({ name }, i) => ({ column: name, value: ident(alias, key[i] ?? '') })),
    { column: SHOWN, value: sql`case when ${CAME} then ${passes} end` },
    ...own.map(({ column, type, value }) => ({ column, value: shown(deparseExpression(value), type) })),
    ...uniqueStates(states).map(({ column }) => ({ column, value: trusted('0') })),
    ...layout.columns.flatMap((folded) => {
      const value = computedValue(
        folded,
        () => trusted('0'),
        (name) => carriedFrom(rows, unit, name),
      )
      return value === undefined
        ? []
        : [{ column: folded.name, value: sql`case when ${isShown} then ${value} end` }]
    }),
  ]
  const updates = [
    ...[SHOWN, ...own.map(({ column }) => column)].map((it) => sql`${ident(it)} = ${ident('excluded', it)}`),
    ...layout.columns.flatMap((folded) => {
      const value = computedValue(
        folded,
        (state) => ident('stored', state.column),
        (name) => columnRef('excluded', name),
      )
      if (value === undefined) return []
      return [sql`${ident(folded.name)} = case when ${ident('excluded', SHOWN)} then ${value} end`]
    }),
  ]
  return sql`insert into ${qualified(storage)} as stored (${join(columns.map(({ column }) => ident(column)))})
select ${join(
    columns.map(({ value }) => value),
    ',\n       ',
  )}
from (${images}) as ${ident(alias)}
order by ${join(key.map((it) => ident(alias, it)))}
on conflict (${join(unit.map(({ name }) => ident(name)))}) do update
set ${join(updates, ',\n    ')}`
}

function uniqueStates(states: readonly PlacedState[]): readonly PlacedState[] {
  return [...new Map(states.map((it) => [it.column, it])).values()]
}

/** A carried column is one of the row's own, or part of the key. */
function carriedFrom({ own, alias, key }: RootRows, unit: readonly UnitColumn[], column: string): Node {
  const position = unit.findIndex(({ name }) => name === column)
  if (position >= 0) return columnRef(alias, key[position] ?? '')
  const found = own.find((it) => it.column === column)
  if (found === undefined) throw new Error(`${column} is not of the root's row`)
  return found.value
}

/** The root's rows that a statement has changed, as they are now, and the keys of those that are no more. */
export function rootImages({ root, key }: RootRows, event: RowEvent): Sql {
  const read = columnsRead(root, key)
  const list = (table: string) => join(read.map((column) => ident(table, column)))
  if (event === 'insert') return sql`select true as ${CAME}, ${list('n')} from new_rows as n`
  if (event === 'delete') return sql`select false as ${CAME}, ${list('o')} from old_rows as o`

  const used = root.relation.columns.filter(({ name }) => read.includes(name))
  const sameKey = key.map((column) => sql`${ident('kept', column)} = ${ident('o', column)}`)
  const differs = sql`difference.changed & ${trusted(maskLiteral(maskOf(used)))} <> 0`
  return sql`select true as ${CAME}, ${list('n')}
      from ${changedRows('update', used)}
      where n.position is not null and ${differs}
      union all
      select false as ${CAME}, ${list('o')}
      from ${changedRows('update', used)}
      where o.position is not null and ${differs}
        and not exists (select from new_rows as kept where ${join(sameKey, ' and ')})`
}

/**
 * The same from the keys alone: who has changed a row keeps it locked, so what stands there is final. Under REPEATABLE READ a
 * row that somebody has deleted since is seen beside the one that was inserted in its place: the younger one stands.
 */
export function presentRootRows({ root, key }: RootRows, keys: Sql): Sql {
  const { schema, name } = root.relation
  const read = columnsRead(root, key)
  const others = read.filter((column) => !key.includes(column))
  const sameKey = key.map((column) => sql`${ident('stands', column)} = ${ident('changed', column)}`)
  const list = [
    ...key.map((column) => ident('changed', column)),
    ...others.map((column) => ident('present', column)),
  ]
  return sql`select ${ident('present', key[0] ?? '')} is not null as ${CAME}, ${join(list)}
      from (select distinct ${join(key.map((it) => ident(it)))} from (${keys}) as keys) as changed
      left join lateral (
        select ${join(read.map((column) => ident('stands', column)))}
        from ${ident(schema, name)} as stands
        where ${join(sameKey, ' and ')}
        order by age(stands.xmin)
        limit 1
      ) as present on true`
}

function columnsRead(root: Occurrence, key: readonly string[]): readonly string[] {
  return [...new Set([...key, ...root.columns])]
}
