import type { RelationName } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { TABLE_STATISTICS } from './statistics.sql.ts'

/** What the planner believes of a table. */
export interface TableStatistics {
  readonly relation: RelationName
  /** Null where nobody has run ANALYZE yet. */
  readonly rows: number | null
  readonly columns: readonly ColumnStatistics[]
  readonly uniqueKeys: readonly (readonly string[])[]
}

export interface ColumnStatistics {
  readonly name: string
  /** As in pg_stats: a number of values, or, below zero, of how many in a row. */
  readonly distinct: number
  /** The share of nulls, and of the value that is there most often. */
  readonly nulls: number
  readonly most: number | null
}

/** How many rows share one value: on average, and of the value that most share. Null where it is not known. */
export interface Spread {
  readonly average: number | null
  readonly most: number | null
}

export async function readStatistics(
  client: Client,
  relations: readonly RelationName[],
): Promise<readonly TableStatistics[]> {
  const distinct = new Map(relations.map((it) => [`${it.schema}.${it.name}`, it]))
  const found: TableStatistics[] = []
  for (const relation of distinct.values()) {
    const [row] = await client.query<Omit<TableStatistics, 'relation'>>(TABLE_STATISTICS, [
      relation.schema,
      relation.name,
    ])
    found.push({
      relation,
      rows: row?.rows ?? null,
      columns: row?.columns ?? [],
      uniqueKeys: row?.uniqueKeys ?? [],
    })
  }
  return found
}

export function statisticsOf(
  all: readonly TableStatistics[],
  { schema, name }: RelationName,
): TableStatistics | undefined {
  return all.find(({ relation }) => relation.schema === schema && relation.name === name)
}

const UNKNOWN: Spread = { average: null, most: null }

/**
 * How many rows of a table have one combination of values in some columns, as the planner would estimate it: by the column
 * that tells most of them apart.
 */
export function spreadOf(table: TableStatistics | undefined, columns: readonly string[]): Spread {
  if (table === undefined) return UNKNOWN
  if (table.uniqueKeys.some((key) => key.every((it) => columns.includes(it)))) return { average: 1, most: 1 }
  if (columns.length === 0) return { average: table.rows, most: table.rows }
  const { rows } = table
  const known = table.columns.filter(({ name }) => columns.includes(name))
  if (rows === null || known.length === 0) return UNKNOWN

  const spreads = known.map(({ distinct, nulls, most }) => {
    const values = Math.max(1, distinct < 0 ? -distinct * rows : distinct)
    const average = (rows * (1 - nulls)) / values
    return { average, most: Math.max(average, (most ?? 0) * rows) }
  })
  return {
    average: Math.min(...spreads.map((it) => it.average)),
    most: Math.min(...spreads.map((it) => it.most)),
  }
}

/** One after the other: each row of the first leads to so many of the next. */
export function product(spreads: readonly Spread[]): Spread {
  const times = (a: number | null, b: number | null) => (a === null || b === null ? null : a * b)
  return spreads.reduce<Spread>(
    (sum, it) => ({ average: times(sum.average, it.average), most: times(sum.most, it.most) }),
    { average: 1, most: 1 },
  )
}
