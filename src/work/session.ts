import { mayPause } from '../fail-points.ts'
import { connect, type Client, type Connection } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { expectOwnSession } from '../pg/pooled.ts'

/** Shown in pg_stat_activity, where workers find one another. */
export const WORKER_NAME = 'millrace worker'

/** The session that runs a job. */
const RUNNER_NAME = 'millrace job'

/** Until it is ready nothing falls to it. */
const STARTING_NAME = 'millrace worker (starting)'

/** Longer than any statement of a drain of one chunk should take: a hung statement must not hold a model for ever. */
const STATEMENT_TIMEOUT_MS = 300_000

/**
 * A worker sends the next statement of its transaction at once, so one that is silent for this long hangs. The server
 * then ends its session, and with it whatever it held: a model's mutex, or the exclusive lock on a slot that writers
 * would wait for. With a look of the next worker it is less than a second. A process that was only slow connects again.
 */
const SILENT_TRANSACTION_MS = 500

/** A statement whose worker has died is broken off, instead of holding the model until it is done. */
const CLIENT_CHECK_MS = 500

/** One that holds a lock between two transactions, and is silent for so long, hangs too. */
const SILENT_SESSION_MS = 5_000

/** A worker that does not take the rows it asked for hangs too, or its network does. */
const UNREAD_ROWS_MS = 2_000

/**
 * Connects as a worker: a session of its own, which the server ends by itself when the worker dies or hangs. One that
 * has found out that the URL leads to the server itself need not ask again; should that change, its process changes too.
 */
export async function connectWorker(url: string, { isDirect = false } = {}): Promise<Connection> {
  return await connectLimited(url, { name: WORKER_NAME, isDirect })
}

/**
 * Connects to run a job: a session as a worker's, which is not counted among them, and which must not be silent between
 * transactions either, for it holds the job's lock.
 */
export async function connectRunner(url: string, { isDirect = false } = {}): Promise<Connection> {
  return await connectLimited(url, { name: RUNNER_NAME, isDirect, silentMs: SILENT_SESSION_MS })
}

interface Limited {
  readonly name: string
  readonly isDirect: boolean
  /** 0: it may be silent between transactions for as long as it likes. */
  readonly silentMs?: number
}

async function connectLimited(url: string, { name, isDirect, silentMs = 0 }: Limited): Promise<Connection> {
  const connection = await connect({ url, name: STARTING_NAME })
  try {
    // First of all: behind a pooler the settings would stay with a process that others use.
    if (!isDirect) await expectOwnSession(connection, url)
    await limit(connection, 'statement_timeout', STATEMENT_TIMEOUT_MS)
    await limit(connection, 'client_connection_check_interval', CLIENT_CHECK_MS)
    await limit(connection, 'tcp_user_timeout', UNREAD_ROWS_MS)
    if (!mayPause()) {
      await limit(connection, 'idle_in_transaction_session_timeout', SILENT_TRANSACTION_MS)
      await limit(connection, 'idle_session_timeout', silentMs)
    }
    await connection.query(`set application_name = '${name}'`)
    return connection
  } catch (error) {
    await connection.end().catch(() => undefined)
    throw error
  }
}

async function limit(client: Client, setting: string, ms: number): Promise<void> {
  try {
    await client.query(`set ${setting} = ${String(ms)}`)
  } catch (error) {
    // Not every operating system can tell the server that a client has gone; then its statement runs to its end.
    if (!hasSqlState(error, SQLSTATE.INVALID_PARAMETER_VALUE)) throw error
  }
}
