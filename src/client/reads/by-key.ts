import type { ModelReference } from '../../define/model-reference.ts'
import type { KeyValue } from '../../define/row.ts'
import type { RelationName } from '../../compile/plan.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { Ask } from '../statement.ts'
import { findColumn, type Facts } from './facts.ts'
import { jsonOf } from './json.ts'
import { keyOf, keyValues } from './key.ts'

/** The row of one key. */
export async function readOne<Row extends object>(
  ask: Ask,
  model: ModelReference,
  relation: RelationName,
  key: KeyValue | null,
): Promise<Row | null> {
  const columns = keyOf(model)
  const values: unknown[] = []
  const conditions = keyValues(columns, key).map((value, i) => {
    const own = ident('t', columns[i] ?? '')
    // A null among key columns is a value like others.
    if (value === null || value === undefined) return sql`${own} is null`
    values.push(value)
    return sql`${own} = ${trusted(`$${String(values.length)}`)}`
  })
  const text = sql`select t.*
from ${qualified(relation)} as t
where ${join(conditions, ' and ')}`.text
  const [row] = await ask<Row>(text, values)
  return row ?? null
}

/** The rows of many keys, each looked up by itself: an index finds it, however many others there are. */
export async function readMany<Row extends object>(
  ask: Ask,
  model: ModelReference,
  { relation, facts }: { readonly relation: RelationName; readonly facts: Facts },
  keys: readonly (KeyValue | null)[],
): Promise<readonly (Row | null)[]> {
  if (keys.length === 0) return []
  const columns = keyOf(model)
  const given = keys.map((key) => keyValues(columns, key))
  const conditions = columns.map((name, i) => {
    const hasNull = given.some((it) => it[i] === null || it[i] === undefined)
    return sameKey(ident('t', name), ident('given', name), hasNull)
  })
  const types = columns.map((name) => sql`${ident(name)} ${trusted(findColumn(facts, name)?.type ?? 'text')}`)
  const objects = given.map((it) => Object.fromEntries(columns.map((name, i) => [name, it[i]])))
  const text = sql`select t.*, given.millrace_place
from rows from (jsonb_to_recordset($1::jsonb) as (${join(types)})) with ordinality as given (${join(columns.map((it) => ident(it)))}, millrace_place)
cross join lateral (
  select *
  from ${qualified(relation)} as t
  where ${join(conditions, ' and ')}
) as t`.text
  const rows = await ask<Row & { readonly millrace_place: unknown }>(text, [jsonOf(objects)])
  const found = new Map(
    rows.map(({ millrace_place: place, ...row }) => [Number(place) - 1, row as unknown as Row]),
  )
  return keys.map((_, i) => found.get(i) ?? null)
}

function sameKey(own: Sql, given: Sql, hasNull: boolean): Sql {
  return hasNull ? sql`(${own} = ${given} or ${own} is null and ${given} is null)` : sql`${own} = ${given}`
}
