import pg from 'pg'

/** SQLSTATEs that some code here expects and handles. */
export const SQLSTATE = {
  UNIQUE_VIOLATION: '23505',
  CARDINALITY_VIOLATION: '21000',
  SERIALIZATION_FAILURE: '40001',
  DEADLOCK_DETECTED: '40P01',
  DUPLICATE_COLUMN: '42701',
  INSUFFICIENT_PRIVILEGE: '42501',
  UNDEFINED_TABLE: '42P01',
  LOCK_NOT_AVAILABLE: '55P03',
  QUERY_CANCELED: '57014',
  /** The server is starting up, recovering or shutting down. */
  CANNOT_CONNECT_NOW: '57P03',
} as const

/** True for an error that the server sent, with `code`, `position`, `detail` and `hint`. */
export function isDatabaseError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError
}

export function hasSqlState(error: unknown, ...states: readonly string[]): boolean {
  return isDatabaseError(error) && error.code !== undefined && states.includes(error.code)
}
