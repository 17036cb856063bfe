/**
 * Tools that run migrations, each with the directory in which it looks for them unless it is told otherwise, beside the
 * configuration. `sql`: `millrace migrate`.
 */
export const MIGRATION_FORMATS = {
  sql: 'migrations',
  prisma: 'prisma/migrations',
  drizzle: 'drizzle',
  knex: 'migrations',
  kysely: 'migrations',
  'node-pg-migrate': 'migrations',
  'graphile-migrate': 'migrations',
} as const

export type MigrationFormat = keyof typeof MIGRATION_FORMATS

export function isMigrationFormat(value: unknown): value is MigrationFormat {
  return typeof value === 'string' && Object.hasOwn(MIGRATION_FORMATS, value)
}
