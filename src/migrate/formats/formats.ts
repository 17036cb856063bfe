import type { MigrationFormat } from '../../define/migration-format.ts'
import { drizzle } from './drizzle.ts'
import { graphileMigrate } from './graphile-migrate.ts'
import { knex } from './knex.ts'
import { kysely } from './kysely.ts'
import type { Format } from './migration.ts'
import { nodePgMigrate } from './node-pg-migrate.ts'
import { plainSql } from './plain-sql.ts'
import { prisma } from './prisma.ts'

export const FORMATS: Readonly<Record<MigrationFormat, Format>> = {
  sql: plainSql,
  prisma,
  drizzle,
  knex,
  kysely,
  'node-pg-migrate': nodePgMigrate,
  'graphile-migrate': graphileMigrate,
}
