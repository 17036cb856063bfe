import pg from 'pg'
import { MillraceError } from '../errors.ts'

/** SQLSTATEs that some code here expects and handles. */
export const SQLSTATE = {
  READ_ONLY_TRANSACTION: '25006',
  UNIQUE_VIOLATION: '23505',
  CARDINALITY_VIOLATION: '21000',
  SERIALIZATION_FAILURE: '40001',
  DEADLOCK_DETECTED: '40P01',
  DUPLICATE_COLUMN: '42701',
  UNDEFINED_COLUMN: '42703',
  INSUFFICIENT_PRIVILEGE: '42501',
  UNDEFINED_TABLE: '42P01',
  DEPENDENT_OBJECTS_STILL_EXIST: '2BP01',
  LOCK_NOT_AVAILABLE: '55P03',
  QUERY_CANCELED: '57014',
  INVALID_DATETIME_FORMAT: '22007',
  INVALID_PARAMETER_VALUE: '22023',
  TOO_MANY_CONNECTIONS: '53300',
  PROTOCOL_VIOLATION: '08P01',
  /** The server ended a session that left its transaction open and said nothing. */
  IDLE_IN_TRANSACTION_TIMEOUT: '25P03',
  UNDEFINED_OBJECT: '42704',
  UNDEFINED_FUNCTION: '42883',
  INVALID_SCHEMA_NAME: '3F000',
  /** The server is starting up, recovering or shutting down. */
  CANNOT_CONNECT_NOW: '57P03',
  /** Raised by Millrace's own functions (sql/002_tokens.sql). */
  TOKEN_INVALID: 'MR001',
  TOKEN_OF_ANOTHER_CLUSTER: 'MR002',
  /** Raised by `millrace.swap` (sql/011_versions.sql). */
  BLOCKED: 'MR004',
} as const

/** True for an error that the server sent, with `code`, `position`, `detail` and `hint`. */
export function isDatabaseError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError
}

export function hasSqlState(error: unknown, ...states: readonly string[]): boolean {
  return isDatabaseError(error) && error.code !== undefined && states.includes(error.code)
}

/** The server's own errors leave the connection usable, except those by which it says good-bye. */
export function isConnectionLoss(error: Error): boolean {
  if (error instanceof MillraceError) return false
  if (!isDatabaseError(error)) return true
  return error.code === SQLSTATE.IDLE_IN_TRANSACTION_TIMEOUT || (error.code ?? '').startsWith('57P')
}

export function pooledConnection(detail: string, cause?: unknown): MillraceError {
  return new MillraceError('POOLED_CONNECTION', {
    detail,
    hint: 'Give the URL of the server itself, or of a port that keeps sessions apart: "directUrl" in the configuration, beside "database".',
    cause,
  })
}
