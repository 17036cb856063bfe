import pg from 'pg'

/** Limits of a pool of connections, each with a default that suits a web server. */
export interface PoolOptions {
  /** URL of the database; DATABASE_URL where it is left out. */
  readonly url?: string | undefined
  /** `application_name`: what pg_stat_activity and the server's log call these connections. `millrace client` unless said otherwise. */
  readonly name?: string | undefined
  /**
   * Connections at most: 20. More of them than the server has cores, times a few, wait for one another inside it, where they cost more than
   * in this queue; and a server of 100 has room for four processes like this one.
   */
  readonly max?: number | undefined
  /** Connections that stay open when nobody needs them: 5. The first readers after a quiet while find one, with its statements prepared. */
  readonly min?: number | undefined
  /** How long a connection above `min` is kept when nobody needs it, in milliseconds: 30,000, longer than the pauses in a load that comes in waves. */
  readonly idleTimeoutMs?: number | undefined
  /**
   * How long to wait for a connection, in milliseconds: 5,000. A server that does not answer by then, or a pool that is used up, is told to
   * the caller while somebody still waits for the page.
   */
  readonly connectTimeoutMs?: number | undefined
  /**
   * After how long the server cancels a statement, in milliseconds: 30,000. Who asked has gone by then, and the statement would hold its
   * connection. 0 says nothing of it, for a pooler that refuses to be told (PgBouncer without `ignore_startup_parameters`).
   */
  readonly statementTimeoutMs?: number | undefined
  /** Called when a connection that nobody uses is lost: the server was restarted, perhaps. A warning of the process unless said otherwise. */
  readonly onError?: ((error: Error) => void) | undefined
  /** TLS, as `pg` takes it. */
  readonly ssl?: pg.PoolConfig['ssl']
  /** How text from the server becomes values, as `pg` takes it: its own parsers where nothing is said. */
  readonly types?: pg.PoolConfig['types']
}

/**
 * A pool of `pg` for an application that reads read models, with defaults that suit a web server. A lost connection does not end the
 * process: the pool opens another one when it is needed. The caller ends it.
 *
 * ```ts
 * const pool = createPool({ max: 10 })
 * const db = createClient(pool, models)
 * ```
 */
export function createPool({
  url = process.env['DATABASE_URL'],
  name = 'millrace client',
  max = 20,
  min = Math.min(5, max),
  idleTimeoutMs = 30_000,
  connectTimeoutMs = 5_000,
  statementTimeoutMs = 30_000,
  onError = warn,
  ssl,
  types,
}: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    ...(url !== undefined && { connectionString: url }),
    ...(ssl !== undefined && { ssl }),
    ...(types !== undefined && { types }),
    ...(statementTimeoutMs > 0 && { statement_timeout: statementTimeoutMs }),
    application_name: name,
    max,
    min,
    idleTimeoutMillis: idleTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
  })
  // Without a listener the event would end the process.
  pool.on('error', onError)
  return pool
}

function warn(error: Error): void {
  process.emitWarning(`a connection to the database was lost: ${error.message}`, 'MillraceWarning')
}
