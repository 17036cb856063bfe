import fs, { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import path, { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as migrateDrizzle } from 'drizzle-orm/node-postgres/migrator'
import { drizzle as drizzle1 } from 'drizzle-orm-1/node-postgres'
import { migrate as migrateDrizzle1 } from 'drizzle-orm-1/node-postgres/migrator'
import { Logger, migrate as migrateGraphile } from 'graphile-migrate'
import knex from 'knex'
import { FileMigrationProvider, Kysely, Migrator, PostgresDialect, type MigrationResultSet } from 'kysely'
import { runner } from 'node-pg-migrate'
import pg from 'pg'
import type { MigrationFormat } from '../../src/define/migration-format.ts'
import { writeWhole } from '../../src/migrate/write-whole.ts'
import { withPrismaEngine } from './prisma-engine.ts'

/** A tool that runs migrations of one format, as its users would have it run them. */
export interface MigrationTool {
  readonly name: string
  readonly format: MigrationFormat
  /** Files of the project that make it one that uses the tool. */
  readonly project?: Readonly<Record<string, string>>
  /** Packages under another name than they are installed by. */
  readonly packages?: Readonly<Record<string, string>>
  /** Tells it that a database which is not empty is as its migrations of before have made it. */
  readonly begin?: (folder: string, url: string) => Promise<void>
  /** Runs what is pending. */
  readonly up: (folder: string, url: string) => Promise<void>
  /** Undoes the last one; `before`: when so many that came later have been undone. */
  readonly down: (folder: string, url: string, before?: number) => Promise<void>
}

const ESM = { 'package.json': '{ "type": "module" }' }

export const TOOLS: readonly MigrationTool[] = [
  {
    name: 'Prisma',
    format: 'prisma',
    begin: async (folder, url) => {
      const migrationName = '20200101000000_as_it_was'
      await writeWhole(join(folder, migrationName, 'migration.sql'), 'select 1;')
      await writeWhole(join(folder, 'migration_lock.toml'), 'provider = "postgresql"')
      await withPrismaEngine(url, folder, (engine, migrationsList) =>
        engine.markMigrationApplied({ migrationName, migrationsList }),
      )
    },
    up: async (folder, url) => {
      const filters = { externalTables: [], externalEnums: [] }
      await withPrismaEngine(url, folder, (engine, migrationsList) =>
        engine.applyMigrations({ migrationsList, filters }),
      )
    },
    down: (folder, url, before) => runNewest(folder, url, 'down.sql', before),
  },
  {
    name: 'Drizzle 0.x',
    format: 'drizzle',
    up: (migrationsFolder, url) =>
      withPool(url, async (client) => {
        await migrateDrizzle(drizzle({ client }), { migrationsFolder })
      }),
    down: (folder, url, before) => runNewest(folder, url, '.down.sql', before),
  },
  {
    name: 'Drizzle 1.0',
    format: 'drizzle',
    packages: { 'drizzle-orm': 'drizzle-orm-1' },
    up: (migrationsFolder, url) =>
      withPool(url, async (client) => {
        await migrateDrizzle1(drizzle1({ client }), { migrationsFolder })
      }),
    down: (folder, url, before) => runNewest(folder, url, 'down.sql', before),
  },
  {
    name: 'Knex, CommonJS',
    format: 'knex',
    up: (folder, url) => withKnex(folder, url, (migrations) => migrations.latest()),
    down: (folder, url) => withKnex(folder, url, (migrations) => migrations.down()),
  },
  {
    name: 'Knex, modules',
    format: 'knex',
    project: ESM,
    up: (folder, url) => withKnex(folder, url, (migrations) => migrations.latest()),
    down: (folder, url) => withKnex(folder, url, (migrations) => migrations.down()),
  },
  {
    name: 'Kysely',
    format: 'kysely',
    project: ESM,
    up: (folder, url) => withKysely(folder, url, (migrator) => migrator.migrateToLatest()),
    down: (folder, url) => withKysely(folder, url, (migrator) => migrator.migrateDown()),
  },
  {
    name: 'node-pg-migrate',
    format: 'node-pg-migrate',
    up: (folder, url) => runPgMigrate(folder, url, 'up'),
    down: (folder, url) => runPgMigrate(folder, url, 'down'),
  },
  {
    name: 'node-pg-migrate, TypeScript',
    format: 'node-pg-migrate',
    project: { 'tsconfig.json': '{}' },
    up: (folder, url) => runPgMigrate(folder, url, 'up'),
    down: (folder, url) => runPgMigrate(folder, url, 'down'),
  },
  {
    name: 'graphile-migrate',
    format: 'graphile-migrate',
    up: async (migrationsFolder, connectionString) => {
      await migrateGraphile({ migrationsFolder, connectionString, logger: new Logger(() => () => undefined) })
    },
    down: (folder, url, before) => runNewest(join(folder, 'down'), url, '.sql', before),
  },
]

/** Modules that a project imports are looked for above the importing file. */
export async function linkPackages(project: string, { packages = {} }: MigrationTool): Promise<void> {
  const installed = new URL('../../node_modules/', import.meta.url).pathname
  await mkdir(join(project, 'node_modules'))
  for (const name of ['kysely', 'drizzle-orm', 'knex', 'node-pg-migrate']) {
    await symlink(join(installed, packages[name] ?? name), join(project, 'node_modules', name))
  }
}

/** Runs the newest file of this name, or with this end, but for those `before`: as `psql --single-transaction --file` does. */
async function runNewest(folder: string, url: string, end: string, before = 0): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(end)).sort()
  const text = await readFile(join(folder, files.at(-1 - before) ?? ''), 'utf8')
  await withPool(url, async (pool) => {
    await pool.query(`begin;\n${text}\ncommit;`)
  })
}

async function withPool(url: string, use: (pool: pg.Pool) => Promise<void>): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    await use(pool)
  } finally {
    await pool.end()
  }
}

async function withKnex(
  directory: string,
  connection: string,
  use: (migrations: knex.Knex.Migrator) => Promise<unknown>,
): Promise<void> {
  const instance = knex({ client: 'pg', connection, migrations: { directory } })
  try {
    await use(instance.migrate)
  } finally {
    await instance.destroy()
  }
}

async function withKysely(
  migrationFolder: string,
  url: string,
  use: (migrator: Migrator) => Promise<MigrationResultSet>,
): Promise<void> {
  await withPool(url, async (pool) => {
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
    const { error } = await use(
      new Migrator({ db, provider: new FileMigrationProvider({ fs, path, migrationFolder }) }),
    )
    if (error !== undefined) throw error as Error
  })
}

async function runPgMigrate(dir: string, databaseUrl: string, direction: 'up' | 'down'): Promise<void> {
  const log = () => undefined
  await runner({
    dir,
    databaseUrl,
    direction,
    migrationsTable: 'pgmigrations',
    log,
    count: direction === 'up' ? Infinity : 1,
  })
}
