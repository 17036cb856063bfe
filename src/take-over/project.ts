import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord } from '../define/is-record.ts'
import { MIGRATION_FORMATS, type MigrationFormat } from '../define/migration-format.ts'

/** What a project's folder tells about the tools that its team uses. */
export interface Project {
  readonly language: 'ts' | 'js' | 'mjs'
  readonly migrations: { readonly format: MigrationFormat; readonly directory: string }
}

/** Packages that tell that a tool is used, and where it keeps migrations unless it is told otherwise; the surest first. */
const TOOLS: readonly {
  readonly packages: readonly string[]
  readonly format: MigrationFormat
  readonly directories: readonly string[]
}[] = [
  { packages: ['prisma', '@prisma/client'], format: 'prisma', directories: ['prisma/migrations'] },
  {
    packages: ['drizzle-kit', 'drizzle-orm'],
    format: 'drizzle',
    directories: ['drizzle', 'drizzle/migrations'],
  },
  { packages: ['graphile-migrate'], format: 'graphile-migrate', directories: ['migrations'] },
  { packages: ['node-pg-migrate'], format: 'node-pg-migrate', directories: ['migrations'] },
  { packages: ['knex'], format: 'knex', directories: ['migrations', 'db/migrations'] },
  {
    packages: ['kysely', 'kysely-ctl'],
    format: 'kysely',
    directories: ['migrations', 'src/migrations', 'db/migrations'],
  },
]

/** Looks at a folder's package.json, and at which folders of migrations there are. */
export async function readProject(folder: string): Promise<Project> {
  const manifest = await readManifest(folder)
  const packages = ['dependencies', 'devDependencies'].flatMap((it) => {
    const listed = manifest[it]
    return isRecord(listed) ? Object.keys(listed) : []
  })
  const isTypeScript = existsSync(join(folder, 'tsconfig.json')) || packages.includes('typescript')
  const hasPackage = Object.keys(manifest).length > 0
  const script = manifest['type'] === 'module' ? 'js' : 'mjs'
  return {
    language: isTypeScript || !hasPackage ? 'ts' : script,
    migrations: migrationsOf(folder, packages),
  }
}

/** A tool that has migrations already comes before one that is only installed. */
function migrationsOf(folder: string, packages: readonly string[]): Project['migrations'] {
  const tools = TOOLS.filter((tool) => tool.packages.some((it) => packages.includes(it)))
  const used = tools.flatMap(({ format, directories }) =>
    directories.filter((it) => existsSync(join(folder, it))).map((directory) => ({ format, directory })),
  )
  const [first] = [...used, ...tools.map(({ format }) => ({ format, directory: MIGRATION_FORMATS[format] }))]
  return first ?? { format: 'sql', directory: MIGRATION_FORMATS.sql }
}

async function readManifest(folder: string): Promise<Record<string, unknown>> {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return {}
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
  return isRecord(parsed) ? parsed : {}
}
