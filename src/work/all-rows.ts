import type { RelationName } from '../compile/plan.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { hiddenSources } from '../sql/hidden-rows.ts'
import { ident, literal, sql, trusted } from '../sql/sql.ts'

/** Fails where policies hide rows of a source from the role that is to evaluate the query; null: from ourselves. */
export async function findHidden(
  client: Client,
  sources: readonly RelationName[],
  role: string | null = null,
): Promise<readonly HiddenRows[]> {
  if (sources.length === 0) return []
  const name = role === null ? trusted('current_user') : literal(role)
  return await client.query<HiddenRows & object>(
    sql`select h.source, ${name}::text as role from (${hiddenSources(sources, name)}) as h order by 1`.text,
  )
}

export interface HiddenRows {
  /** Schema and name, quoted. */
  readonly source: string
  readonly role: string
}

export async function requireAllRows(client: Client, sources: readonly RelationName[]): Promise<void> {
  const [hidden] = await findHidden(client, sources)
  if (hidden !== undefined) throw rowsHidden(hidden)
}

/** What would be computed from a part of the rows would be wrong, and nobody would see it. */
export function rowsHidden({ source, role }: HiddenRows): MillraceError {
  return new MillraceError('ROWS_HIDDEN', {
    detail: `${source}, from ${role}`,
    hint: `Run as an administrator: alter role ${ident(role).text} bypassrls; or as the table's owner: create policy millrace on ${source} for select to ${ident(role).text} using (true).`,
  })
}
