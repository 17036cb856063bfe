import { readFile, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type * as engine from '@prisma/schema-engine-wasm'
import pg from 'pg'

type Exports = Readonly<Record<string, () => void>>
type Bindings = typeof engine & { readonly __wbg_set_wasm: (wasm: Exports) => void }

/** As far as it is needed here; Node's types have none of it. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: Exports } }>
}

/**
 * Prisma's own schema engine, as its npm package has it for WebAssembly, on a folder of migrations: what `prisma migrate
 * deploy` and `prisma migrate status` ask it for.
 */
export async function withPrismaEngine<T>(
  url: string,
  folder: string,
  use: (engine: engine.SchemaEngine, migrationsList: engine.MigrationList) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await loadEngine()
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(new OneScript(pool))
    const instance = await SchemaEngine.new({ datamodels: undefined }, () => undefined, factory)
    try {
      return await use(instance, await migrationsIn(folder))
    } finally {
      instance.free()
    }
  } finally {
    await pool.end()
  }
}

/** Lets the same engine read the files of a schema; it refuses what Prisma would. Returns what it would make for them. */
export async function readByPrisma(
  url: string,
  files: readonly { readonly path: string; readonly content: string }[],
): Promise<string> {
  const { SchemaEngine } = await loadEngine()
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(new OneScript(pool))
    const instance = await SchemaEngine.new({ datamodels: undefined }, () => undefined, factory)
    const { stdout } = await instance.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [...files] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    instance.free()
    return stdout ?? ''
  } finally {
    await pool.end()
  }
}

/**
 * The adapter takes a script apart at its semicolons, those of functions as well. The engine that comes with the Prisma CLI
 * sends it to the server as it is, in one message, and that is what is done here.
 */
class OneScript extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect()
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(script)
    }
    return adapter
  }
}

let loaded: Promise<Bindings> | undefined

/** As its own loader does it: Node imports no WebAssembly without being told to. */
async function loadEngine(): Promise<Bindings> {
  loaded ??= (async () => {
    const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
    const bindings = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as Bindings
    const bytes = await readFile(join(file, '..', 'schema_engine_bg.wasm'))
    const { instance } = await WebAssembly.instantiate(bytes, {
      './schema_engine_bg.js': bindings,
    })
    bindings.__wbg_set_wasm(instance.exports)
    instance.exports['__wbindgen_start']?.()
    return bindings
  })()
  return await loaded
}

async function migrationsIn(baseDir: string): Promise<engine.MigrationList> {
  const entries = await readdir(baseDir, { withFileTypes: true })
  const folders = entries.filter((it) => it.isDirectory()).map(({ name }) => name)
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: await readFile(join(baseDir, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      folders.sort().map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok' as const,
            value: await readFile(join(baseDir, path, 'migration.sql'), 'utf8'),
          },
        },
      })),
    ),
  }
}
