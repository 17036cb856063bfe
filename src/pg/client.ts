import pg from 'pg'
import { hasSqlState, pooledConnection, SQLSTATE } from './errors.ts'

/** The settings under which every statement of Millrace runs, so that text images mean the same everywhere. */
export const PINNED_SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO,YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  plan_cache_mode: 'force_custom_plan',
  jit: 'off',
}

const PINNED = Object.entries(PINNED_SETTINGS)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ')

/** One connection. Rows come back as plain objects; every value as the text that PostgreSQL sent, json parsed. */
export interface Client {
  /** `name`: the statement is prepared under it. One without values is then planned once, whatever `plan_cache_mode` says. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    name?: string,
  ): Promise<Row[]>
}

export interface Connection extends Client {
  readonly raw: pg.Client
  /** Runs one statement, and returns how many rows it changed or found. */
  execute(text: string): Promise<number>
  end(): Promise<void>
}

export interface ConnectOptions {
  readonly url: string
  /** Shown in pg_stat_activity. */
  readonly name?: string
}

/** Opens one connection. The caller ends it; `withConnection` does both. */
export async function connect({ url, name = 'millrace' }: ConnectOptions): Promise<Connection> {
  const raw = new pg.Client({ connectionString: url, application_name: name, options: PINNED })
  // A lost connection also fails the statement that runs or comes next; without a listener it would end the process.
  raw.on('error', () => undefined)
  try {
    await raw.connect()
  } catch (error) {
    // A login that was broken off would keep this process and a backend waiting for its end.
    void raw.end().catch(() => undefined)
    throw isRefusedByPooler(error) ? pooledConnection(error.message, error) : error
  }

  return {
    raw,
    async query<Row extends object>(text: string, values: readonly unknown[] = [], name?: string) {
      const result = await raw.query<Row & pg.QueryResultRow>(
        name === undefined ? { text, values: [...values] } : { name, text, values: [...values] },
      )
      return result.rows
    },
    async execute(text) {
      const { rowCount } = await raw.query(text)
      return rowCount ?? 0
    },
    async end() {
      await raw.end()
    },
  }
}

/** A pooler that shares sessions out cannot give one its own settings, and says so. The server itself takes any. */
function isRefusedByPooler(error: unknown): error is Error {
  return hasSqlState(error, SQLSTATE.PROTOCOL_VIOLATION) && /startup parameter/.test(String(error))
}

export async function withConnection<T>(
  options: ConnectOptions,
  use: (client: Connection) => Promise<T>,
): Promise<T> {
  const client = await connect(options)
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

export type Isolation = 'read committed' | 'repeatable read' | 'serializable'

/** Runs `use` in a transaction: commits when it returns, rolls back when it throws. */
export async function withTransaction<T>(
  client: Client,
  { isolation = 'read committed', readOnly = false }: { isolation?: Isolation; readOnly?: boolean },
  use: () => Promise<T>,
): Promise<T> {
  await client.query(`begin isolation level ${isolation}${readOnly ? ' read only' : ''}`)
  try {
    const result = await use()
    await client.query('commit')
    return result
  } catch (error) {
    // The connection may be gone; then the server has rolled back already and the first error is the one to tell.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}
