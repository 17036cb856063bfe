import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import { rowImage } from './image.ts'
import type { UnitPredicate } from './inject.ts'
import type { PlanColumn, RelationName, UnitColumn } from './plan.ts'
import { unitNames } from './resolve.ts'

/** Which unit columns are null in all units of a batch: each pattern has a statement of its own (LESSONS 2.4). */
export type NullPattern = readonly boolean[]

/** `x is not distinct from y` uses no index and no hash; so a null is asked for by name, where it can occur at all. */
export function nullPatterns(unit: readonly UnitColumn[]): readonly NullPattern[] {
  return unit.reduce<readonly NullPattern[]>(
    (patterns, { nullable }) =>
      patterns.flatMap((pattern) =>
        nullable
          ? [
              [...pattern, false],
              [...pattern, true],
            ]
          : [[...pattern, false]],
      ),
    [[]],
  )
}

/** Of each column more there are twice as many patterns: four columns are planned in 65 ms, five in 280, eight in 20 s and more. */
const MOST_BY_PATTERN = 3

/**
 * The values are none of the units of `list`, `u1` …. Asked for each pattern of nulls by itself: by an OR the server joins with
 * loops. Of more columns than a few the others are compared in what is found by these.
 */
export function isNoneOf(list: Sql, unit: readonly UnitColumn[], values: readonly Sql[]): Sql {
  const names = unitNames(unit)
  const nameOf = (i: number) => sql`dirty.${names[i] ?? trusted('')}`
  const valueOf = (i: number) => values[i] ?? trusted('')
  const nullable = unit.flatMap((it, i) => (it.nullable ? [i] : []))
  const compared = nullable.slice(MOST_BY_PATTERN)
  const sameRest = compared.map((i) => sql`not (${nameOf(i)} is distinct from ${valueOf(i)})`)
  const byPattern = unit.map((it, i) => ({ ...it, nullable: it.nullable && !compared.includes(i) }))
  const tests = nullPatterns(byPattern).map((nulls) => {
    const joined = nulls.flatMap((isNull, i) => (compared.includes(i) ? [] : [{ i, isNull }]))
    const same = joined.map(({ i, isNull }) =>
      isNull ? sql`${nameOf(i)} is null and ${valueOf(i)} is null` : sql`${nameOf(i)} = ${valueOf(i)}`,
    )
    if (joined.some(({ isNull }) => !isNull))
      return sql`not exists (select from ${list} as dirty where ${join([...same, ...sameRest], ' and ')})`
    // There is nothing to join by: so that it is asked for once, and not for each row, where these are all columns.
    const isListed = join([...joined.map(({ i }) => sql`${nameOf(i)} is null`), ...sameRest], ' and ')
    const areNull = join(
      joined.map(({ i }) => sql`${valueOf(i)} is null`),
      ' and ',
    )
    return sql`not (${areNull} and exists (select from ${list} as dirty where ${isListed}))`
  })
  return join(tests, '\n  and ')
}

/** The condition "is a unit of the batch" where the batch is given as one `text[]` parameter per column not null. */
export function batchPredicate(unit: readonly UnitColumn[], nulls: NullPattern): UnitPredicate {
  const parameter = (index: number) => {
    const before = nulls.slice(0, index).filter((isNull) => !isNull).length
    const values = sql`$${trusted(String(before + 1))}::text[]`
    const type = unit[index]?.type
    return isArray(type) ? values : sql`${values}::${trusted(type ?? '')}[]`
  }
  return {
    condition: (targets) => {
      const isNull = targets
        .filter((it) => nulls[it.unit] === true)
        .map(({ expression }) => sql`(${expression}) is null`)
      const listed = targets.filter((it) => nulls[it.unit] !== true)
      return and([...isNull, ...anyOf(unit, listed, unit.length - nulls.filter(Boolean).length, parameter)])
    },
    mayBeNull: (index) => nulls[index] === true,
  }
}

/** Of arrays there is no array that keeps them apart: they stay texts until they are listed. */
function isArray(type: string | undefined): boolean {
  return type?.endsWith('[]') === true
}

/** One column: `= any`. All columns of the unit: a row comparison. Some of them: each by itself, which lets more through. */
function anyOf(
  unit: readonly UnitColumn[],
  listed: readonly { readonly unit: number; readonly expression: Sql }[],
  unitSize: number,
  parameter: (unit: number) => Sql,
): readonly Sql[] {
  if (listed.length === 1 || listed.length < unitSize) {
    return listed.map(({ unit: index, expression }) =>
      isArray(unit[index]?.type)
        ? sql`(${expression}) in (select it::${trusted(unit[index]?.type ?? '')} from unnest(${parameter(index)}) as it)`
        : sql`(${expression}) = any (${parameter(index)})`,
    )
  }
  if (listed.length === 0) return []
  const row = join(listed.map(({ expression }) => sql`(${expression})`))
  const names = listed.map((_, i) => trusted(`v${String(i + 1)}`))
  const values = listed.map(({ unit: index }, i) => {
    const type = unit[index]?.type
    return isArray(type) ? sql`${names[i] ?? trusted('')}::${trusted(type ?? '')}` : (names[i] ?? trusted(''))
  })
  const lists = join(listed.map(({ unit: index }) => parameter(index)))
  return isArrayAmong(unit, listed)
    ? [sql`(${row}) in (select ${join(values)} from unnest(${lists}) as listed (${join(names)}))`]
    : [sql`(${row}) in (select * from unnest(${lists}))`]
}

function isArrayAmong(unit: readonly UnitColumn[], listed: readonly { readonly unit: number }[]): boolean {
  return listed.some(({ unit: index }) => isArray(unit[index]?.type))
}

/** The same condition for a batch that is the rows `u1` … of a relation. */
export function relationPredicate(unit: readonly UnitColumn[], relation: Sql): UnitPredicate {
  const condition: UnitPredicate['condition'] = (targets) => {
    const names = targets.map((it) => trusted(`u${String(it.unit + 1)}`))
    if (targets.length > 1 && targets.every((it) => unit[it.unit]?.nullable === false)) {
      const row = join(targets.map(({ expression }) => sql`(${expression})`))
      return sql`(${row}) in (select ${join(names)} from ${relation})`
    }
    const each = targets.map(({ unit: index, expression }, i) => {
      const name = names[i] ?? trusted('')
      const listed = isArray(unit[index]?.type)
        ? sql`(${expression}) in (select ${name} from ${relation})`
        : sql`(${expression}) = any (array(select ${name} from ${relation}))`
      if (unit[index]?.nullable !== true) return listed
      return sql`(${listed} or ((${expression}) is null and exists (select from ${relation} where ${name} is null)))`
    })
    return and(targets.length > 1 ? [...each, rowIsIn(targets, names, relation)] : each)
  }
  return { condition, mayBeNull: (index) => unit[index]?.nullable === true }
}

/** Each column being in the list lets combinations through that are not: this compares the whole row, nulls too. */
function rowIsIn(
  targets: Parameters<UnitPredicate['condition']>[0],
  names: readonly Sql[],
  relation: Sql,
): Sql {
  const same = targets.map(
    ({ expression }, i) => sql`not (${relation}.${names[i] ?? trusted('')} is distinct from (${expression}))`,
  )
  return sql`exists (select from ${relation} where ${and(same)})`
}

function and(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? trusted('true') : join(conditions, ' and ')
}

export interface RecomputeParts {
  readonly storage: RelationName
  readonly pending: RelationName
  readonly columns: readonly PlanColumn[]
  readonly key: readonly string[]
  readonly unit: readonly UnitColumn[]
  /** The query with the batch injected. */
  readonly fresh: Sql
  readonly nulls: NullPattern
}

/**
 * Makes the stored rows of a batch equal to the query: writes rows whose image differs, deletes those that vanished.
 * The units are no longer pending then. Two rows with one key write nothing; their key is returned in `duplicates`.
 */
export function recomputeStatement({
  storage,
  pending,
  columns,
  key,
  unit,
  fresh,
  nulls,
}: RecomputeParts): string {
  const table = qualified(storage)
  const names = columns.map(({ name }) => ident(name))
  const keys = key.map((name) => ident(name))
  const excluded = columns.map(({ name }) => ident('excluded', name))
  const inBatch = (name: (column: UnitColumn, i: number) => Sql) =>
    batchPredicate(unit, nulls).condition(unit.map((column, i) => ({ unit: i, expression: name(column, i) })))
  const sameKey = join(
    key.map((name) => sql`not (${ident('fresh', name)} is distinct from ${ident('stored', name)})`),
    ' and ',
  )

  return sql`with fresh (${join(names)}) as materialized (
${fresh}
),
duplicate as (
  select ${join(keys)}
  from fresh
  group by ${join(keys)}
  having count(*) > 1
  limit 1
),
removed as (
  delete from ${table} as stored
  where ${inBatch(({ name }) => ident('stored', name))}
    and not exists (select from fresh where ${keyMatch(key, unit, sameKey)})
  returning 1
),
written as (
  insert into ${table} as stored (${join(names)})
  select ${join(names)}
  from fresh
  where not exists (select from duplicate)
  on conflict (${join(keys)}) do update
  set (${join(names)}) = row(${join(excluded)})
  where record_image_ne(${rowImage(columns, 'stored')}, ${rowImage(columns, 'excluded')})
  returning 1
),
settled as (
  delete from ${qualified(pending)}
  where ${inBatch((_, i) => trusted(`u${String(i + 1)}`))}
    and not exists (select from duplicate)
)
select (select count(*) from written)::int as written,
       (select count(*) from removed)::int as removed,
       (select to_jsonb(duplicate) from duplicate) as duplicates`.text
}

/** Plain equality where no key column can be null: a join by it can use an index or a hash. */
function keyMatch(key: readonly string[], unit: readonly UnitColumn[], sameKey: Sql): Sql {
  const neverNull = key.every((name) => unit.some((it) => it.name === name && !it.nullable))
  if (!neverNull) return sameKey
  return join(
    key.map((name) => sql`${ident('fresh', name)} = ${ident('stored', name)}`),
    ' and ',
  )
}
