/** Every failure that a user can meet. The name is the code; docs/errors.md has a section for each (a test checks). */
export const ERRORS = {
  CONFIG_NOT_FOUND: 'there is no configuration',
  BAD_CONFIG: 'the configuration cannot be used',
  BAD_DECLARATION: 'a declaration cannot be used',
  BAD_LEADERBOARD: 'a leaderboard cannot be ranked like this',
  BAD_DECAY: 'a score cannot decay like this',
  BAD_DEPENDENCY: 'a declared dependency cannot be used',
  BAD_SCHEDULE: 'a schedule cannot be used',
  BAD_OBJECT: 'a declared object cannot be used',
  OBJECT_REFUSED: 'PostgreSQL refuses the SQL of an object',
  NAME_DECLARED_TWICE: 'two declarations have one name',
  NOT_YET_SUPPORTED: 'this comes with a later version',
  BAD_SQL_PART: 'only sql`…` can be put into sql`…`',
  BAD_PARAMETER: 'a parameter of a query object cannot be written as a literal',
  BAD_USAGE: 'the command line cannot be understood',
  CANNOT_LISTEN: 'a server cannot listen at this address',
  BAD_DATABASE_URL: 'the URL of the database cannot be used',
  DATABASE_UNREACHABLE: 'the database server does not answer',
  DATABASE_LOGIN_FAILED: 'the database server refuses the login',
  DATABASE_UNKNOWN: 'the database does not exist',
  CONNECTION_LOST: 'the connection to the database broke off',
  POOLED_CONNECTION: 'a connection pooler stands between, and this needs a session of its own',
  STATEMENT_TIMED_OUT: 'the database cancelled a statement that took too long',
  DATABASE_ERROR: 'the database reports an error',
  INTERNAL_ERROR: 'Millrace made a mistake',
  INTERRUPTED: 'stopped before the work was done',
  QUERY_NOT_ONE_SELECT: 'a read model is defined by exactly one SELECT',
  QUERY_WRITES: 'the query of a read model must not write',
  QUERY_UNREADABLE: 'the query cannot be read',
  QUERY_INVALID: 'PostgreSQL rejects this query',
  CANNOT_PROBE: 'PostgreSQL can be asked what this query means only where it may make a view',
  BAD_INDEX: 'an index declaration cannot be used',
  UNSUPPORTED_COMMON_TABLE_EXPRESSION: 'a recursive query cannot be followed',
  UNSUPPORTED_SET_OPERATION: 'the branches of set operations combine in too many ways',
  UNSUPPORTED_WINDOW_FUNCTION: 'a window over all rows makes every row depend on all others',
  UNSUPPORTED_LIMIT: 'LIMIT and OFFSET make every row depend on all others',
  UNSUPPORTED_FROM_ITEM: 'this cannot stand in FROM',
  UNSUPPORTED_GROUPING_SETS: 'grouping sets cannot be kept',
  UNSUPPORTED_JSON_AGGREGATE: 'JSON_ARRAYAGG and JSON_OBJECTAGG cannot be kept yet',
  UNSUPPORTED_ROW_LOCK: 'a read model cannot lock rows',
  UNDEFINED_VALUE: 'values that are equal but not the same leave the answer open',
  UNDEFINED_ORDER: 'the query leaves an order open, so it has more than one right answer',
  FLOAT_AGGREGATE: 'a sum of floats depends on the order of the rows',
  VOLATILE_FUNCTION: 'a volatile function gives another answer at every call',
  TIME_DEPENDENT: 'the answer changes as time passes, with no change to capture',
  SESSION_DEPENDENT: 'the answer depends on a setting or on who asks',
  FUNCTION_MAY_READ_TABLES: 'a stable function may read tables that are not captured',
  SOURCE_NOT_A_TABLE: 'only ordinary tables can be captured yet',
  SOURCE_NOT_LOGGED: 'a table that a crash empties cannot be a source',
  SOURCE_TEMPORARY: 'a temporary table is there for one session only',
  SOURCE_HAS_ROW_SECURITY: 'a stored table has no policies, and this source has',
  SOURCE_COLUMN_NOT_CAPTURED: 'triggers cannot see this column',
  MODELS_IN_A_CYCLE: 'read models read one another in a circle',
  MODEL_IS_READ: 'another read model reads this one',
  REPLACED_IS_USED: 'something else stands on what this read model takes the place of',
  NO_SOURCE: 'the query reads no table',
  KEY_UNKNOWN: 'the key names a column that the query does not have',
  NO_KEY_FOUND: 'no columns of this query are known to identify a row',
  KEY_NOT_COMPARABLE: 'a key column has a type without an order',
  KEY_NOT_TRACEABLE: 'no key column can be traced to a column of a source',
  KEY_FROM_OUTER_JOIN: 'the key comes from the optional sides of too many outer joins',
  IMMEDIATE_NOT_POSSIBLE: 'writers cannot keep this read model themselves',
  NO_PATH_TO_KEY: 'a change of this table cannot be traced to keys',
  KEY_NOT_UNIQUE: 'the declared key does not identify one row',
  WATERMARK_OF_ANOTHER_CLUSTER: 'the stored rows were made in another database',
  SCHEMA_NOT_INSTALLED: 'Millrace is not installed in this database',
  SCHEMA_TOO_NEW: 'this database was installed by a newer Millrace',
  SCHEMA_TOO_OLD: 'this database was installed by an older Millrace',
  TOKEN_INVALID: 'this is no token of this database',
  TOKEN_OF_ANOTHER_CLUSTER: 'the token was given by another database',
  TOKEN_TIMEOUT: 'the write was not yet to be read in time',
  BAD_PAGE: 'a page cannot be asked for like this',
  PAGE_NOT_INDEXED: 'no index gives the rows of this page',
  CURSOR_INVALID: 'this is no cursor of these pages',
  SHAPE_CHANGED: 'a source is not any more what it was when the read model was installed',
  MODEL_CHANGED: 'the read model was removed or made anew meanwhile',
  PEER_MISSING: 'a package that this needs is not installed',
  BAD_SUBSCRIPTION: 'a subscription cannot be used',
  JOB_UNKNOWN: 'there is no such job',
  JOB_UNDER_WAY: 'the job is being run',
  MODEL_UNKNOWN: 'there is no such read model',
  NAME_TAKEN: 'something else has the name of the read model',
  EXTENSION_UNAVAILABLE: 'the server has no such extension',
  EXTENSION_NOT_ALLOWED: 'this role may not make an extension',
  ROLE_UNKNOWN: 'a role does not exist',
  SCHEMA_UNKNOWN: 'a schema does not exist',
  PRIVILEGE_MISSING: 'a role lacks a privilege',
  ROWS_HIDDEN: 'policies hide rows of a source from a role that must see them all',
  EMBEDDED_SERVER_MISSING: 'there is no embedded PostgreSQL for this platform',
  EMBEDDED_SERVER_FAILED: 'the embedded PostgreSQL does not run',
  DATABASE_MISSING: 'no database is named',
  MIGRATION_EDITED: 'a migration is not as it was written or run',
  MIGRATION_MISSING: 'a migration has no file',
  MIGRATION_OUT_OF_ORDER: 'a migration comes before one that has been run',
  MIGRATION_UNKNOWN: 'there is no such migration',
  MIGRATION_FAILED: 'a migration cannot be run',
  MIGRATIONS_DIVERGED: 'migrations were generated side by side, and neither knows of the other',
  NOT_ADOPTED: 'the database was not made by its migrations',
  STATE_DIFFERS: 'the database is not in the state that its migrations lead to',
  MIGRATIONS_WAIT: 'migrations wait for the tool that runs them',
  SNAPSHOT_UNREADABLE: 'the record of what has been generated cannot be read',
  LOCK_NOT_AVAILABLE: 'a lock could not be had in time',
  NOT_DEVELOPMENT: 'this does not look like a database to develop on',
  NOT_FRESH: 'a read model is not what its query says',
  VERSION_WRONG: 'a new version is not what its query says',
  READER_IN_THE_WAY: 'what others have made on a read model cannot come along',
} as const

/** A code of an error: `docs/errors.md` says of each when it appears and what to do. Codes are never used again for something else. */
export type ErrorCode = keyof typeof ERRORS

/** What an error says beyond its code. */
export interface ErrorDetail {
  /** What exactly was found: names, numbers, the offending SQL. */
  readonly detail?: string | undefined
  /** What the reader can do about it, as a full sentence. */
  readonly hint?: string | undefined
  /** Where in the query it was found, as a 0-based offset into the user's own text, in UTF-16 units. */
  readonly position?: number | undefined
  /** The user's own text that `position` points into. */
  readonly source?: string | undefined
  /** File (and line) of the declaration. */
  readonly file?: string | undefined
  /** The error that led to this one, as the driver or the server gave it. */
  readonly cause?: unknown
}

/** A failure with PostgreSQL's four parts: message, detail, hint, position; and a code that never changes. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  /** Which error it is; `ERRORS` has its sentence. */
  readonly code: ErrorCode
  /** What exactly was found: names, numbers, the offending SQL. */
  readonly detail: string | undefined
  /** What can be done about it, as a full sentence. */
  readonly hint: string | undefined
  /** Where in `source` it was found: a 0-based offset in UTF-16 units. */
  readonly position: number | undefined
  /** The user's own text that `position` points into. */
  readonly source: string | undefined
  /** File (and line) of the declaration. */
  readonly file: string | undefined

  constructor(code: ErrorCode, { detail, hint, position, source, file, cause }: ErrorDetail = {}) {
    super(detail === undefined ? ERRORS[code] : `${ERRORS[code]}: ${detail}`, { cause })
    this.code = code
    this.detail = detail
    this.hint = hint
    this.position = position
    this.source = source
    this.file = file
  }
}
