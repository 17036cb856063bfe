import type { Relation } from '../catalog/catalog.ts'
import type { ClockEdge } from '../analyze/clocks.ts'
import { mapTree } from '../analyze/ast/walk.ts'
import { isClockCall } from '../sql/clock.ts'
import { deparseExpression } from '../sql/deparse.ts'
import { parseExpression } from '../sql/parse.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'

/**
 * The rows of a table that the time has passed since some moment: what the column is compared with was on one side of its
 * value then, and may be on the other now. It never goes back, so they are those in between; the ends belong to them,
 * for the comparison may be any. Where it stands (today's date, for a day) nothing changes sides. The reader may be older
 * than the moment.
 */
export function passedRows(
  { alias, column, bound }: ClockEdge,
  { schema, name }: Relation,
  columns: readonly string[],
  since: Sql,
): Sql {
  const table = ident(alias)
  const at = (moment: string) =>
    deparseExpression(mapTree(bound, ({ node }) => (isClockCall(node) ? parseExpression(moment) : undefined)))
  const [then, now] = [at('millrace_since.moment'), at('pg_catalog.now()')]
  const value = ident(alias, column)
  const list = columns.length === 0 ? trusted('') : join(columns.map((it) => ident(alias, it)))
  return sql`
  select ${list}
  from (${since}) as millrace_since (moment)
  join ${ident(schema, name)} as ${table} on ${value} >= least(${then}, ${now}) and ${value} <= greatest(${then}, ${now})
  where ${then} <> ${now}
`
}
