import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { RelationName, UnitColumn } from '../plan.ts'
import { nullPatterns, type NullPattern } from '../recompute.ts'
import { unitNames } from '../resolve.ts'

/** How the units of a list, `u1` … of a relation that is named `list`, meet their stored rows. */
export interface Meeting {
  /** Common table expressions that it takes, each with a comma behind it. */
  readonly ctes: Sql
  /** The list with its stored rows, under its own name. */
  readonly from: Sql
  /** The row of `stored` is the unit's. */
  readonly isSame: Sql
  /** The unit has no stored row. */
  readonly isMissing: Sql
}

/**
 * A null is a unit like any other. `is not distinct from` uses no index, and neither does an OR that spells it out once the
 * unit has a second column; so each pattern of nulls is joined by itself, by equality, and what is found is kept by its place
 * (LESSONS 2.4).
 */
export function meetStored(unit: readonly UnitColumn[], storage: RelationName, list: string): Meeting {
  const table = qualified(storage)
  const name = trusted(list)
  const patterns = nullPatterns(unit)
  const [plain = []] = patterns
  if (patterns.length === 1) {
    const isSame = isSameUnit(unit, plain, list)
    const isMissing = sql`not exists (select from ${table} as stored where ${isSame})`
    return { ctes: trusted(''), from: name, isSame, isMissing }
  }

  const places = patterns.map(
    (nulls) => sql`  select ${name}.*, stored.ctid as place
  from ${name}
  left join ${table} as stored on ${isSameUnit(unit, nulls, list)}
  where ${hasNulls(unit, nulls, list)}`,
  )
  return {
    ctes: sql`placed as (\n${join(places, '\n  union all\n')}\n),\n`,
    from: sql`placed as ${name}`,
    isSame: sql`stored.ctid = ${name}.place`,
    isMissing: sql`${name}.place is null`,
  }
}

/** The stored row is of the unit that another list names, if that has these nulls and no others. */
export function isSameUnit(unit: readonly UnitColumn[], nulls: NullPattern, list: string): Sql {
  const names = unitNames(unit)
  const conditions = unit.map(({ name }, i) => {
    const [own, other] = [ident('stored', name), sql`${trusted(list)}.${names[i] ?? trusted('')}`]
    return nulls[i] === true ? sql`${own} is null and ${other} is null` : sql`${own} = ${other}`
  })
  return join(conditions, ' and ')
}

function hasNulls(unit: readonly UnitColumn[], nulls: NullPattern, list: string): Sql {
  const conditions = unitNames(unit).flatMap((name, i) =>
    unit[i]?.nullable === true
      ? [sql`${trusted(list)}.${name} is ${trusted(nulls[i] === true ? 'null' : 'not null')}`]
      : [],
  )
  return join(conditions, ' and ')
}
