import type { Plan, RelationName } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { ident, join, sql } from '../sql/sql.ts'

/** An index that following the paths or recomputing needs, so that neither reads a whole table. */
export interface NeededIndex {
  readonly relation: RelationName
  readonly columns: readonly string[]
  /** The index that serves, if there is one. */
  readonly existing: string | null
  /** What makes it, if there is none. */
  readonly statement: string | null
}

/** Recompute enters each source by the columns that its path begins with; a path enters each table that it passes by its own. */
export async function neededIndexes(client: Client, plan: Plan): Promise<readonly NeededIndex[]> {
  const entries = [
    // How a function comes into its tables is not known.
    ...plan.paths
      .filter(({ kind }) => kind !== 'declared')
      .map(({ source, columns }) => ({ relation: source, columns })),
    ...plan.paths.flatMap(({ hops }) => hops),
    ...plan.clocks,
  ].filter(({ columns }) => columns.length > 0)
  const distinct = new Map(entries.map((it) => [JSON.stringify([it.relation, it.columns]), it]))

  const needed: NeededIndex[] = []
  for (const { relation, columns } of distinct.values()) {
    const indexes = await client.query<Index>(INDEXES, [relation.schema, relation.name])
    const serving = indexes.find((index) => columns.includes(index.columns[0] ?? ''))
    needed.push({
      relation,
      columns,
      existing: serving?.name ?? null,
      statement: serving === undefined ? createIndex(relation, columns) : null,
    })
  }
  return needed
}

interface Index {
  readonly name: string
  readonly columns: readonly (string | null)[]
}

/** `$1` schema, `$2` table → its usable indexes without a condition, with their columns in order. */
const INDEXES = `
  select x.relname as name,
         (select json_agg(a.attname order by k.position)
          from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k (attnum, position)
          left join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum) as columns
  from pg_index as i
  join pg_class as x on x.oid = i.indexrelid
  join pg_class as c on c.oid = i.indrelid
  join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = $1::text
    and c.relname = $2::text
    and i.indisvalid and i.indpred is null
  order by x.relname`

function createIndex({ schema, name }: RelationName, columns: readonly string[]): string {
  return sql`create index concurrently on ${ident(schema, name)} (${join(columns.map((it) => ident(it)))})`
    .text
}
