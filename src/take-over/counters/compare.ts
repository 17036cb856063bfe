import { withTransaction, type Client } from '../../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../../pg/errors.ts'
import { ident, join, qualified, sql, trusted } from '../../sql/sql.ts'
import type { Comparison } from '../draft.ts'
import type { CountedTable } from './tables.ts'

/** A table that takes longer is not compared: the statement reads all of it and of its sources. */
const TIMEOUT_MS = 60_000

/** Compares what triggers have stored with what the derived query gives, in one snapshot; undefined where that takes too long. */
export async function compareCounters(
  client: Client,
  counted: CountedTable,
): Promise<Comparison | undefined> {
  try {
    return await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
      await client.query(`set local statement_timeout = ${String(TIMEOUT_MS)}`)
      const [row] = await client.query<Record<string, string>>(statementOf(counted))
      const columns = [...counted.derived, ...counted.constants]
      return {
        rows: Number(row?.['rows'] ?? 0),
        unknownRows: Number(row?.['unknown'] ?? 0),
        differing: columns
          .map((column, i) => ({ column, rows: Number(row?.[`c${String(i)}`] ?? 0) }))
          .filter(({ rows }) => rows > 0),
      }
    })
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.QUERY_CANCELED)) return undefined
    throw error
  }
}

function statementOf({ table, query, key, derived, constants }: CountedTable): string {
  const isSame = join(
    key.map((it) => sql`q.${ident(it)} = s.${ident(it)}`),
    ' and ',
  )
  const counts = [...derived, ...constants].map((column, i) => {
    const name = ident(column)
    return sql`count(*) filter (where q.there and s.${name} is distinct from q.${name}) as ${trusted(`c${String(i)}`)}`
  })
  return sql`select ${join([
    sql`count(*) as rows`,
    sql`count(*) filter (where q.there is null) as unknown`,
    ...counts,
  ])}
from ${qualified(table)} as s
left join (select d.*, true as there from (
${trusted(query)}
) as d) as q on ${isSame}`.text
}
