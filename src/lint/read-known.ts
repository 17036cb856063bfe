import type { Client } from '../pg/client.ts'
import type { Known, KnownFunction, KnownTable } from './known.ts'
import { READ_FUNCTIONS, READ_TABLES } from './read-known.sql.ts'

interface TableRow {
  readonly schema: string
  readonly name: string
  readonly kind: string
  readonly columns: readonly (readonly [string, string, boolean, number | null])[]
  readonly partitioned_by: readonly string[] | null
  readonly parent_schema: string | null
  readonly parent_name: string | null
  readonly has_unique_index: boolean
}

/** What a database has before a script runs. */
export async function readKnown(client: Client): Promise<Known> {
  const tables = await client.query<TableRow>(READ_TABLES)
  const functions = await client.query<KnownFunction & object>(READ_FUNCTIONS)
  return { tables: tables.map(tableOf), functions }
}

function tableOf(row: TableRow): KnownTable {
  const { schema, name, kind, columns, parent_name: parent } = row
  return {
    schema,
    name,
    kind: kind === 'v' ? 'view' : kind === 'm' ? 'materialized view' : 'table',
    columns: new Map(
      columns.map(([column, type, isArray, length]) => [column, { name: type, isArray, length }]),
    ),
    partitionedBy: row.partitioned_by,
    partitionOf: parent === null ? null : { schema: row.parent_schema ?? undefined, name: parent },
    hasUniqueIndex: row.has_unique_index,
    madeIn: undefined,
  }
}
