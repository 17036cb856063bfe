import { withoutPassword } from '../define/check-database-url.ts'
import { MillraceError, type ErrorCode } from '../errors.ts'
import { isDatabaseError, SQLSTATE } from '../pg/errors.ts'
import { cannotListen } from './cannot-listen.ts'

/**
 * Any error as one that has a code and a way out. `url`: the database that was being talked to, if any; its password
 * is never shown. What is not known is a mistake of ours, and says so.
 */
export function knownError(error: unknown, url?: string): MillraceError {
  if (error instanceof MillraceError) return error
  if (isAbort(error))
    return new MillraceError('INTERRUPTED', { hint: 'Run the command again to go on.', cause: error })
  const where = url === undefined ? '' : ` (${withoutPassword(url)})`

  if (isDatabaseError(error)) return serverError(error, where)
  if (isListenError(error)) return cannotListen(error, { host: error.address, port: error.port })
  const network = networkError(error)
  if (network !== undefined) return withCause(network.code, `${network.detail}${where}`, network.hint, error)
  return new MillraceError('INTERNAL_ERROR', {
    detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: 'Please report it, with what you did.',
    cause: error,
  })
}

/** Of a server that an application started: a client says `connect`. */
function isListenError(
  error: unknown,
): error is NodeJS.ErrnoException & { readonly address: string; readonly port: number } {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'port' in error
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

interface ServerError extends Error {
  readonly code?: string | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
}

/** SQLSTATEs that mean something to the person at the keyboard; the longest prefix wins. */
const BY_STATE: readonly (readonly [string, ErrorCode, string])[] = [
  [
    '28',
    'DATABASE_LOGIN_FAILED',
    'Check the user and the password in the URL, and pg_hba.conf on the server.',
  ],
  ['3D000', 'DATABASE_UNKNOWN', 'Check the name at the end of the URL, or create the database.'],
  ['53300', 'DATABASE_UNREACHABLE', 'All its connections are in use: wait, or raise max_connections.'],
  ['57P03', 'DATABASE_UNREACHABLE', 'It is starting up or shutting down: try again in a moment.'],
  ['57P', 'CONNECTION_LOST', 'Run the command again: whatever was not committed was rolled back.'],
  ['08', 'CONNECTION_LOST', 'Run the command again: whatever was not committed was rolled back.'],
  [
    SQLSTATE.QUERY_CANCELED,
    'STATEMENT_TIMED_OUT',
    'Raise statement_timeout for this role, or look for what it waited for.',
  ],
  [
    SQLSTATE.LOCK_NOT_AVAILABLE,
    'LOCK_NOT_AVAILABLE',
    'Look in pg_stat_activity for a transaction that has been open for long.',
  ],
  [
    SQLSTATE.INSUFFICIENT_PRIVILEGE,
    'PRIVILEGE_MISSING',
    'Grant the right to the role in the URL, or connect as another one.',
  ],
]

function serverError(error: ServerError, where: string): MillraceError {
  const [, code, hint] = BY_STATE.find(([prefix]) => error.code?.startsWith(prefix) === true) ?? [
    '',
    undefined,
    undefined,
  ]
  if (code !== undefined) return withCause(code, `${error.message}${where}`, error.hint ?? hint, error)
  const detail = [`${error.message} (SQLSTATE ${error.code ?? 'unknown'})`, error.detail].filter(
    (it) => it !== undefined,
  )
  return withCause('DATABASE_ERROR', detail.join('\n'), error.hint, error)
}

interface NetworkError {
  readonly code: ErrorCode
  readonly detail: string
  readonly hint: string
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up',
  ETIMEDOUT: 'no answer came in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOENT: 'there is no such socket',
}

/** Errors of the driver and of the network below it; the driver's own have no code, only a message. */
function networkError(error: unknown): NetworkError | undefined {
  if (!(error instanceof Error)) return undefined
  const unreachable = UNREACHABLE[networkCode(error) ?? '']
  if (unreachable !== undefined) {
    return {
      code: 'DATABASE_UNREACHABLE',
      detail: unreachable,
      hint: 'Check host and port in the URL, and that the server runs.',
    }
  }
  if (/timeout expired/i.test(error.message)) {
    return {
      code: 'DATABASE_UNREACHABLE',
      detail: 'no answer came in time',
      hint: 'Check host and port in the URL, and that it is a PostgreSQL server.',
    }
  }
  if (/password must be a string|SASL|no password/i.test(error.message)) {
    return {
      code: 'DATABASE_LOGIN_FAILED',
      detail: 'the server asks for a password and the URL has none',
      hint: 'Write it into the URL: postgresql://user:password@host/database.',
    }
  }
  if (/SSL|TLS|certificate/i.test(error.message)) {
    return {
      code: 'DATABASE_LOGIN_FAILED',
      detail: error.message,
      hint: 'Set sslmode in the URL to what the server offers.',
    }
  }
  if (
    /Connection terminated|Client has encountered a connection error/i.test(error.message) ||
    networkCode(error) === 'ECONNRESET' ||
    networkCode(error) === 'EPIPE'
  ) {
    return {
      code: 'CONNECTION_LOST',
      detail: error.message,
      hint: 'Run the command again: whatever was not committed was rolled back.',
    }
  }
  return undefined
}

/** `localhost` has two addresses, and node tells what became of each in one error. */
function networkCode(error: Error): string | undefined {
  const own = (error as { readonly code?: unknown }).code
  if (typeof own === 'string') return own
  const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : []
  return first instanceof Error ? networkCode(first) : undefined
}

function withCause(code: ErrorCode, detail: string, hint: string | undefined, cause: unknown): MillraceError {
  return new MillraceError(code, { detail, hint, cause })
}
