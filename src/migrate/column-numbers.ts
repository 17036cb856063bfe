import type { CanonicalQuery, Relation } from '../catalog/catalog.ts'
import type { Plan } from '../compile/plan.ts'
import { displayName } from '../sql/names.ts'

/** The numbers that columns have in plans, by the table and their names. */
export type ColumnNumbers = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * The numbers that columns had where these plans were compiled. Capture tells by them which columns have changed, for all models of
 * a source at once, so plans that are meant for one database must agree on them, whatever the numbers are there.
 */
export function columnNumbersOf(plans: readonly Plan[]): ColumnNumbers {
  const all = new Map<string, Map<string, number>>()
  for (const { relation, interests, shape = [] } of plans.flatMap(({ sources }) => sources)) {
    const known = all.get(displayName(relation)) ?? new Map<string, number>()
    for (const { name, attnum } of interests.flatMap(({ columns }) => columns)) known.set(name, attnum)
    for (const { column, attnum } of shape) known.set(column, attnum)
    all.set(displayName(relation), known)
  }
  return all
}

/** A query whose tables have their columns in the order, and by the numbers, that are known of them. */
export function numberedAs(query: CanonicalQuery, numbers: ColumnNumbers): CanonicalQuery {
  return {
    ...query,
    relations: query.relations.map((it) => numbered(it, numbers)),
    dependencies: query.dependencies.map((it) => ({
      relation: numbered(it.relation, numbers),
      query: numberedAs(it.query, numbers),
    })),
  }
}

function numbered(relation: Relation, numbers: ColumnNumbers): Relation {
  const known = numbers.get(displayName(relation))
  if (known === undefined) return relation
  const columns = relation.columns.map((it) => ({ ...it, attnum: known.get(it.name) ?? it.attnum }))
  return { ...relation, columns: columns.toSorted((a, b) => a.attnum - b.attnum) }
}
