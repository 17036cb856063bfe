import type { Analysis } from '../../analyze/analysis.ts'
import { deparseExpression } from '../../sql/deparse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import { guarded } from './failure.ts'
import {
  columnsThatMayBeNaN,
  deltaColumns,
  deltaName,
  deltaSelect,
  directPath,
  SIGN,
} from '../fold/fold-deltas.ts'
import type { FoldLayout, PlacedState } from '../fold/fold-layout.ts'
import { addedState, computedValue, rowCountOf, storedColumn, valuesOf } from '../fold/fold-values.ts'
import { firstValues } from '../fold/fold.ts'
import { isSameUnit } from '../fold/stored-units.ts'
import type { PlanImmediate, RelationName, UnitColumn } from '../plan.ts'
import type { ChangedRows } from './changed-rows.ts'
import { nullPatterns } from '../recompute.ts'
import { possibleUnit, unitNames } from '../resolve.ts'
import { setRootRows, type RootRows } from './root-rows.ts'
import { SHOWN } from './shown-rows.ts'

export interface AddParts {
  readonly analysis: Analysis
  readonly layout: FoldLayout
  /** Where the model's rows are those of one table; null where they are groups. */
  readonly rows: RootRows | null
  readonly model: RelationName
  readonly storage: RelationName
  readonly pending: RelationName
  readonly unit: readonly UnitColumn[]
  readonly onError: PlanImmediate['onError']
}

/**
 * PL/pgSQL statements that add changed rows to a read model that is kept by adding. Rows are written in the order of the
 * key, by upserts, so two writers wait for each other and neither deadlocks; one under a stricter isolation level than READ
 * COMMITTED gets a serialization failure from the upsert itself, if the row was changed or made since its snapshot.
 */
export function addStatements(parts: AddParts, changed: Changed, rows: ChangedRows): string {
  const text = statementsFor(parts, changed, rows)
    .map((it) => `${it.text};`)
    .join('\n')
  if (!mayFail(parts, changed)) return text
  return guarded(parts, text, unitsOfRows(parts, changed, rows.signed))
}

/** What the changed rows are to the model: occurrences that it adds up, its root, or both. */
export interface Changed {
  readonly added: readonly string[]
  readonly root: RootRows | null
}

function statementsFor(parts: AddParts, changed: Changed, rows: ChangedRows): readonly Sql[] {
  const { added, root } = changed
  return [
    ...(added.length === 0 ? [] : [addDeltas(parts, changed, rows)]),
    ...(root === null ? [] : [setRootRows(parts, root, rows.ofRoot(root))]),
    ...(rows.mayTake ? [removeEmpty(parts, changed, rows)] : []),
    ...added.flatMap((alias) => leaveNaN(parts, alias, rows)),
  ]
}

/** Where the source is the root too, also for the units of its own changed rows: all rows are locked in one order. */
function addDeltas(parts: AddParts, { added, root }: Changed, rows: ChangedRows): Sql {
  const { analysis, layout, unit, storage } = parts
  const states = layout.columns.flatMap((column) => column.states)
  const names = unitNames(unit)
  const selects = added.map((alias) =>
    deltaSelect(analysis, states, alias, unit, rows.signed(alias, deltaColumns(analysis, alias))),
  )
  const zeros = states.map(() => trusted('0'))
  if (root !== null) {
    const values = [...root.key.map((column) => ident(column)), ...zeros]
    selects.push(sql`select ${join(values)} from (${rows.signed(root.root.alias, root.key)}) as root`)
  }
  const sums = states.map(
    ({ type }, i) => sql`coalesce(sum(${deltaName(i)}), 0)::${trusted(type)} as ${deltaName(i)}`,
  )
  const differ = join(
    states.map((_, i) => sql`coalesce(sum(${deltaName(i)}), 0) <> 0`),
    ' or ',
  )
  const first = firstColumns(parts, states)
  return sql`insert into ${qualified(storage)} as stored (${join(first.map(({ column }) => ident(column)))})
select ${join(first.map(({ value }) => value))}
from (
  select ${join([...names, ...sums])}
  from (
${join(selects, '\n    union all\n')}
  ) as delta (${join([...names, ...states.map((_, i) => deltaName(i))])})
  where ${possibleUnit(unit)}
  group by ${join(names)}${
    root !== null
      ? sql``
      : sql`
  having ${differ}`
  }
) as changes
order by ${join(names.map((name) => sql`changes.${name}`))}
on conflict (${join(unit.map(({ name }) => ident(name)))}) do update
set ${join(updates(parts, states), ',\n    ')}`
}

/** A row that was not there: of a group, all of it; of a root that has yet to come, what is added up. */
function firstColumns({ layout, rows, unit }: AddParts, states: readonly PlacedState[]) {
  const all = firstValues(layout, states, unit)
  if (rows === null) return all
  const kept = [...unit.map(({ name }) => name), ...states.map(({ column }) => column)]
  return all.filter(({ column }) => kept.includes(column))
}

function updates({ layout, rows }: AddParts, states: readonly PlacedState[]): readonly Sql[] {
  const next = addedState(states, (state) => ident('excluded', state.column))
  return layout.columns.flatMap((column) => {
    const computed = computedValue(column, next, storedColumn)
    return valuesOf(column, next, storedColumn).map(({ column: name, value }) =>
      rows !== null && computed !== undefined && name === column.name
        ? sql`${ident(name)} = case when ${ident('stored', SHOWN)} then ${value} end`
        : sql`${ident(name)} = ${value}`,
    )
  })
}

/** A group without rows, and a row for which there is neither the root's row nor anything added up, is none. */
function removeEmpty(parts: AddParts, changed: Changed, from: ChangedRows): Sql {
  const { layout, rows, unit, storage } = parts
  const states = layout.columns.flatMap((column) => column.states)
  const names = unitNames(unit)
  const isZero = (state: PlacedState) => sql`${ident('stored', state.column)} = 0`
  const isEmpty =
    rows === null
      ? [isZero(rowCountOf(states))]
      : [sql`${ident('stored', SHOWN)} is null`, ...states.map(isZero)]
  const gone = unitsOfRows(
    parts,
    changed,
    (alias, columns) => sql`select * from (${from.signed(alias, columns)}) as changed where ${SIGN} < 0`,
  )
  const remove = join(
    (rows === null ? nullPatterns(unit) : [[]]).map(
      (nulls) => sql`delete from ${qualified(storage)} as stored
using (${gone}) as gone (${join(names)})
where ${join([isSameUnit(unit, nulls, 'gone'), ...isEmpty], '\n  and ')}`,
    ),
    ';\n',
  )
  // `found`: the statement before has written a row.
  return changed.root !== null && changed.added.length > 0 ? remove : sql`if found then ${remove}; end if`
}

/** NaN never leaves a sum again: such units wait for the worker (LESSONS 15). */
function leaveNaN(parts: AddParts, alias: string, from: ChangedRows): readonly Sql[] {
  const { analysis, unit, pending } = parts
  const columns = columnsThatMayBeNaN(analysis, alias)
  if (columns.length === 0) return []

  const names = unitNames(unit)
  const read = [...new Set([...deltaColumns(analysis, alias), ...columns])]
  const isNaN = columns.map((column) => sql`${ident(column)} = 'NaN'`)
  const rows = sql`select * from (${from.signed(alias, read)}) as changed where ${join(isNaN, ' or ')}`
  const units = unitsOfRows(parts, { added: [alias], root: null }, () => rows)
  return [
    sql`if exists (${rows}) then
  insert into ${qualified(pending)} (${join(names)}, cause)
  select ${join(names)}, 'NaN'
  from (${units}) as unit (${join(names)})
  where ${possibleUnit(unit)}
  order by ${join(names)}
  on conflict (${join(names)}) do update set cause = excluded.cause, retry_at = null;
end if`,
  ]
}

/** Units that a statement's rows are of, each once, as a SELECT. `rowsOf`: some of its rows, with these columns. */
function unitsOfRows(
  { analysis, unit }: AddParts,
  { added, root }: Changed,
  rowsOf: ChangedRows['signed'],
): Sql {
  const units = added.map((alias) => {
    const values = directPath(analysis, alias).unit.map(
      (value, i) => sql`(${deparseExpression(value)})::${trusted(unit[i]?.type ?? '')}`,
    )
    return sql`select distinct ${join(values)} from (${rowsOf(alias, deltaColumns(analysis, alias))}) as ${ident(alias)}`
  })
  if (root !== null) {
    units.push(
      sql`select distinct ${join(root.key.map((it) => ident(it)))} from (${rowsOf(root.root.alias, root.key)}) as root`,
    )
  }
  return join([...new Map(units.map((it) => [it.text, it])).values()], '\n  union\n  ')
}

/** Counts, sums and averages can always be computed, and so can most of what a root's row shows. */
function mayFail({ layout }: AddParts, { root }: Changed): boolean {
  return layout.columns.some((it) => it.mayFail) || root?.mayFail === true
}
