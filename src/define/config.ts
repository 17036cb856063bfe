import type { Job } from './job.ts'
import type { MigrationFormat } from './migration-format.ts'
import type { ReadModel } from './read-model.ts'
import type { SqlObject } from './sql-object.ts'
import type { TouchUpdatedAt } from './touch-updated-at.ts'

/** Everything that can be declared. */
export type Declaration = ReadModel | Job | SqlObject | TouchUpdatedAt

/** Declarations, in lists and modules (`import * as models`), nested as one likes. What else a module exports is skipped. */
export type Definable = Declaration | readonly Definable[] | { readonly [name: string]: unknown }

/** Names of Millrace's roles in the database. An administrator makes them: docs/operating.md has the SQL. */
export interface RoleNames {
  /** Owns schema millrace and the read models: migrations run as this role. */
  readonly owner: string
  /** Drains what is queued, and runs jobs. */
  readonly worker: string
  /** Reads read models. */
  readonly reader: string
}

/** What `millrace lint` is told beyond its rules. */
export interface LintOptions {
  /** Tables whose rows no retention may delete, besides those that look like money: `audit_log`, `app.orders`. */
  readonly keep?: readonly string[] | undefined
  /** Rules that are left out, Squawk's too. */
  readonly ignore?: readonly string[] | undefined
}

/** What millrace.config.ts exports. */
export interface ConfigOptions {
  /** URL of the database. Absent: DATABASE_URL; absent too: an embedded PostgreSQL, where that is allowed. */
  readonly database?: string | undefined
  /** URL past a connection pooler, for what needs a session of its own: migrations. */
  readonly directUrl?: string | undefined
  /** Where and how `millrace generate` writes migrations. Absent: `format: 'sql'`, each format in the directory that its tool uses. */
  readonly migrations?:
    { readonly format?: MigrationFormat | undefined; readonly directory?: string | undefined } | undefined
  /** Schemas in which unqualified names of the queries are looked up; the connection's search_path where absent. */
  readonly searchPath?: readonly string[] | undefined
  /** Roles that share the work. Absent: the role in the URL does everything. */
  readonly roles?: Partial<RoleNames> | undefined
  /** Extensions that the database shall have: `['pg_trgm']`. */
  readonly extensions?: readonly string[] | undefined
  /** Settings that its sessions shall have: `{ work_mem: '64MB' }`. What takes a restart or a superuser is said, and not done. */
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined
  /** How `millrace lint` looks at SQL. */
  readonly lint?: LintOptions | undefined
  /** What shall stand in the database: read models, jobs and objects. What is no longer listed is removed by the next migration. */
  readonly define: readonly Definable[]
}

/** Types a configuration. It is checked when it is loaded. */
export function defineConfig(options: ConfigOptions): ConfigOptions {
  return options
}
