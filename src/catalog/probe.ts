import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { isDatabaseError, SQLSTATE } from '../pg/errors.ts'
import { ident, sql, trusted, type Sql } from '../sql/sql.ts'
import { PROBE_PLACES, VIEW_TEXT } from './probe.sql.ts'

/** A query as the server understood it. */
export interface Probe {
  readonly oid: number
  /** `SELECT columns FROM ( <the query> ) q`, every name qualified. */
  readonly text: string
  /** `pg_rewrite.ev_action`. */
  readonly tree: string
}

const SUFFIX = '\n) q'

/** Where the query can be made a view, or why nowhere. */
export type ProbePlace =
  | { readonly kind: 'view'; readonly schema: string; readonly name: Sql; readonly prefix: string }
  | { readonly kind: 'nowhere'; readonly detail: string; readonly hint: string }

interface Places {
  readonly isStandby: boolean
  readonly mayMakeTemporary: boolean
  readonly database: string
  readonly pid: number
  readonly schema: string | null
}

/**
 * A temporary view; where the role may not make one, a view in a schema in which it may create. To be asked before the
 * transaction begins, which must be READ WRITE where there is a place, whatever the default of the session is.
 */
export async function findProbePlace(client: Client): Promise<ProbePlace> {
  const [places] = await client.query<Places>(PROBE_PLACES)
  if (places === undefined) throw new Error('the server said nothing about itself')
  const { isStandby, mayMakeTemporary, database, schema } = places
  const name = `millrace_probe_${String(places.pid)}`
  if (isStandby) {
    return {
      kind: 'nowhere',
      detail: 'this server is a standby, on which nothing can be made, not even for a moment',
      hint: 'Connect to its primary: what is made there to look at the query is rolled back.',
    }
  }
  if (mayMakeTemporary) {
    return {
      kind: 'view',
      schema: 'pg_temp',
      name: ident('pg_temp', name),
      prefix: prefixOf('temporary ', ident(name)),
    }
  }
  if (schema !== null) {
    return { kind: 'view', schema, name: ident(schema, name), prefix: prefixOf('', ident(schema, name)) }
  }
  const grant = sql`grant temporary on database ${ident(database)}`.text
  return {
    kind: 'nowhere',
    detail: `this role may make neither a temporary view nor one in any schema of ${database}`,
    hint: `Run as the owner of the database: ${grant} to the role; or connect as another. The view is rolled back.`,
  }
}

interface ProbedQuery {
  readonly query: string
  readonly userText: string
  /** SQL that comes before the query. */
  readonly before: string
  /** Under which it is read. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Makes the query a view and reads it back, in a transaction that the caller rolls back. Leaves the search_path empty. */
export async function probe(
  client: Client,
  place: ProbePlace,
  { query, userText, before, settings = {} }: ProbedQuery,
): Promise<Probe> {
  if (place.kind === 'nowhere') {
    // A query that the server rejects is told as such first.
    await told(client, `explain select * from (\n${before}`, query, userText)
    throw new MillraceError('CANNOT_PROBE', { detail: place.detail, hint: place.hint })
  }
  for (const [name, value] of Object.entries(settings)) await set(client, name, value)
  await told(client, place.prefix + before, query, userText)
  // The text that is read back must mean the same to every session.
  for (const name of Object.keys(settings)) await client.query(`set local ${ident(name).text} to default`)
  await client.query(`set local search_path = ''`)
  const [view] = await client.query<Probe & object>(VIEW_TEXT, [place.name.text])
  if (view === undefined) throw new Error('the probe view has vanished')
  return view
}

/** Sets a setting for the transaction. Returns it as the server has it then: a text search configuration with its schema. */
export async function set(client: Client, name: string, value: string): Promise<string> {
  try {
    const [row] = await client.query<{ value: string }>(`select set_config($1, $2, true) as value`, [
      name,
      value,
    ])
    return row?.value ?? value
  } catch (error) {
    if (!isDatabaseError(error) || NOT_THE_QUERY.test(error.code ?? '')) throw error
    throw new MillraceError('BAD_DECLARATION', {
      detail: `settings: ${error.message}`,
      hint: error.hint ?? `Write a value that PostgreSQL takes: show ${name} has the one of this session.`,
      cause: error,
    })
  }
}

function prefixOf(kind: '' | 'temporary ', name: Sql): string {
  return sql`create ${trusted(kind)}view ${name} as select * from (\n`.text
}

/** Errors of the connection, of locks and resources, and cancelled statements: another time the query may be fine. */
const NOT_THE_QUERY = /^(08|40|53|55|57|58|XX)/

/** Runs a statement around the query; what the server has against it is told at its place in the user's text. */
async function told(client: Client, prefix: string, query: string, userText: string): Promise<void> {
  try {
    await client.query(prefix + query + SUFFIX)
  } catch (error) {
    if (!isDatabaseError(error) || NOT_THE_QUERY.test(error.code ?? '')) throw error
    if (error.code === SQLSTATE.INSUFFICIENT_PRIVILEGE) throw privilegeError(error)
    const character =
      error.position === undefined ? undefined : Number(error.position) - 1 - Array.from(prefix).length
    throw new MillraceError('QUERY_INVALID', {
      detail: error.message,
      hint:
        error.code === SQLSTATE.DUPLICATE_COLUMN
          ? 'Give each output column a name of its own with AS.'
          : (error.hint ?? 'Correct the query at the place shown.'),
      // the server counts characters, not bytes: code points
      position:
        character === undefined
          ? undefined
          : Array.from(userText).slice(0, Math.max(0, character)).join('').length,
      source: userText,
      cause: error,
    })
  }
}

/** Not the query's fault: the role may not read a table. */
function privilegeError(error: Error & { readonly hint?: string | undefined }): MillraceError {
  return new MillraceError('PRIVILEGE_MISSING', {
    detail: error.message,
    hint: error.hint ?? 'Let its owner grant the right to the role in the URL, or connect as another role.',
    cause: error,
  })
}
