import type { Analysis } from '../../analyze/analysis.ts'
import { columnRefsIn, namesOf } from '../../analyze/ast/nodes.ts'
import { deparseExpression } from '../../sql/deparse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { RelationName, UnitColumn } from '../plan.ts'
import { nullPatterns } from '../recompute.ts'
import { batchesOf, imagesOf, occurrenceOf, possibleUnit, unitNames } from '../resolve.ts'
import { DRAIN_WINDOW, windowOf } from '../window.ts'
import { directPath } from './fold-deltas.ts'
import type { FoldLayout, PlacedFirst, PlacedValue } from './fold-layout.ts'
import { computedValue, storedColumn } from './fold-values.ts'
import { isSameUnit, meetStored } from './stored-units.ts'

interface Parts {
  readonly analysis: Analysis
  readonly layout: FoldLayout
  readonly storage: RelationName
  readonly unit: readonly UnitColumn[]
}

/**
 * One statement for each first row that is kept: of the rows that came, the first of each unit takes the place of the one
 * that stands if it comes before it. What went is not asked here, but by `reachedUnits`.
 */
export function firstStatements(parts: Parts): readonly string[] {
  return parts.layout.firsts.map((first) => {
    const { relation } = occurrenceOf(parts.analysis, first.occurrence)
    const { ctes, nameOf } = batchesOf([relation], (source) => windowOf(source, DRAIN_WINDOW))
    const names = unitNames(parts.unit)
    const order = first.order.map((it, i) => {
      const nulls = it.mayBeNull ? ` nulls ${it.nullsFirst ? 'first' : 'last'}` : ''
      return sql`${valueName(i)}${trusted(it.isDescending ? ' desc' : '')}${trusted(nulls)}`
    })
    return sql`with ${join(ctes, ',\n')},
came as (
  select distinct on (${join(names)}) *
  from (
${rowsOf('new', first, valuesOf(first), parts, nameOf(relation))}
  ) as came (${join([...names, ...valuesOf(first).map((_, i) => valueName(i))])})
  where ${possibleUnit(parts.unit)}
  order by ${join([...names, ...order])}
),
${first.of === null ? rowWrites(first, parts) : columnWrites(first, parts)}`.text
  })
}

/** The stored row is there: it is made by what counts, or by a recompute. */
function columnWrites(first: PlacedFirst, parts: Parts): Sql {
  const { storage } = parts
  const { ctes, from, isSame } = meetStored(metUnit(parts), storage, 'came')
  return sql`${ctes}folded as (
  update ${qualified(storage)} as stored
  set ${join(newValues(first), ',\n      ')}
  from ${from}
  where ${isSame}
    and (${isAbsent(first)} or ${precedes(first, 'came', 'stored')})
  returning 1
)
select count(*)::int as rows
from folded`
}

/** The row comes with the first of its group; when that goes, it is computed anew, or goes with it. */
function rowWrites(first: PlacedFirst, { storage, unit }: Parts): Sql {
  const table = qualified(storage)
  const { ctes, from, isSame, isMissing } = meetStored(unit, storage, 'came')
  const names = [...unit.map(({ name }) => name), ...valuesOf(first).map(({ column }) => column)]
  const values = [...unitNames(unit), ...valuesOf(first).map((_, i) => valueName(i))]
  return sql`${ctes}folded as (
  update ${table} as stored
  set ${join(newValues(first), ',\n      ')}
  from ${from}
  where ${isSame}
    and ${precedes(first, 'came', 'stored')}
  returning 1
),
appeared as (
  insert into ${table} (${join(names.map((name) => ident(name)))})
  select ${join(values.map((value) => sql`came.${value}`))}
  from ${from}
  where ${isMissing}
  returning 1
)
select ((select count(*) from folded) + (select count(*) from appeared))::int as rows`
}

/**
 * Units of which a row went that may have been the first, as SELECTs of `u1` …: they must be computed anew. To be asked
 * when the rows that came have taken their places, so that one which comes before all that went settles it.
 */
export function reachedUnits(parts: Parts, batchName: (source: RelationName) => Sql): readonly Sql[] {
  const { analysis, layout, storage, unit } = parts
  const names = unitNames(unit)
  return layout.firsts.flatMap((first) => {
    const { relation } = occurrenceOf(analysis, first.occurrence)
    const went = rowsOf('old', first, first.order, parts, batchName(relation))
    const columns = [...names, ...first.order.map((_, i) => valueName(i))]
    return nullPatterns(metUnit(parts)).map(
      (nulls) => sql`select ${join(names.map((name) => sql`went.${name}`))}
from (
${went}
) as went (${join(columns)})
join ${qualified(storage)} as stored on ${isSameUnit(unit, nulls, 'went')}
where (${precedes(first, 'stored', 'went')}) is not true`,
    )
  })
}

/** What a subquery finds by equality is never of a null. */
function metUnit({ layout, unit }: Parts): readonly UnitColumn[] {
  return layout.kind === 'subqueries' ? unit.map((it) => ({ ...it, nullable: false })) : unit
}

/** Rows that came or went: their units and these values. */
function rowsOf(
  side: 'old' | 'new',
  first: PlacedFirst,
  values: readonly PlacedValue[],
  { analysis, unit }: Parts,
  batch: Sql,
): Sql {
  const alias = first.occurrence
  const { relation, filter } = occurrenceOf(analysis, alias)
  const path = directPath(analysis, alias)
  const units = path.unit.map((it, i) => sql`(${deparseExpression(it)})::${trusted(unit[i]?.type ?? '')}`)
  const passes = [...filter, ...(first.filter === null ? [] : [first.filter])]
  // A change of other columns of the row is none to its place, nor to what is shown of it.
  const read = [path.unit, filter, first.filter, valuesOf(first).map(({ value }) => value)]
  const columns = [...new Set(columnRefsIn(read).map((ref) => namesOf(ref.fields)[1] ?? ''))]
  return sql`select ${join([...units, ...values.map(({ value }) => deparseExpression(value))])}
from (${imagesOf(side, { relation, columns }, columns, batch)}) as ${ident(alias)}
where ${
    passes.length === 0
      ? trusted('true')
      : join(
          passes.map((it) => sql`(${deparseExpression(it)})`),
          ' and ',
        )
  }`
}

function valuesOf({ order, shown }: PlacedFirst) {
  return [...order, ...shown]
}

/** `f1`, `f2` …: values of a row that came or went. */
function valueName(index: number): Sql {
  return trusted(`f${String(index + 1)}`)
}

function newValues(first: PlacedFirst): readonly Sql[] {
  const values = valuesOf(first).map(({ column }, i) => ({ column, value: sql`came.${valueName(i)}` }))
  const { of } = first
  const computed =
    of &&
    computedValue(
      of,
      (state) => values.find(({ column }) => column === state.column)?.value ?? ident('stored', state.column),
      storedColumn,
    )
  const all = of && computed ? [...values, { column: of.name, value: computed }] : values
  return all.map(({ column, value }) => sql`${ident(column)} = ${value}`)
}

/** No row has been the first yet: a column that is never null of a row is null. */
function isAbsent({ order }: PlacedFirst): Sql {
  const present = order.find(({ mayBeNull }) => !mayBeNull)
  if (present === undefined) throw new Error('a first row of which all may be null')
  return sql`${ident('stored', present.column)} is null`
}

/** True if the row of `a` comes before the row of `b`: by the first column in which they differ. */
function precedes({ order }: PlacedFirst, a: Side, b: Side): Sql {
  return order.reduceRight<Sql>((rest, it, i) => {
    const [x, y] = [a, b].map((side) =>
      side === 'stored' ? ident('stored', it.column) : sql`${trusted(side)}.${valueName(i)}`,
    )
    if (x === undefined || y === undefined) throw new Error('two sides')
    const before = sql`${x} ${trusted(it.isDescending ? '>' : '<')} ${y}`
    const isLast = i === order.length - 1
    if (!it.mayBeNull) return isLast ? before : sql`(${before} or ${x} = ${y} and ${rest})`
    const [none, some] = it.nullsFirst ? [x, y] : [y, x]
    const nulls = sql`${none} is null and ${some} is not null`
    const same = sql`(${x} = ${y} or ${x} is null and ${y} is null)`
    return isLast ? sql`(${before} or ${nulls})` : sql`(${before} or ${nulls} or ${same} and ${rest})`
  }, trusted('false'))
}

type Side = 'stored' | 'came' | 'went'
