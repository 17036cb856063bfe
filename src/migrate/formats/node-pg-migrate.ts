import { readdir } from 'node:fs/promises'
import type { Format } from './migration.ts'
import { scriptStyle } from './script-style.ts'
import { scriptText } from './script-text.ts'

/** A script with `up` and `down`. node-pg-migrate runs all that are pending in one transaction. */
export const nodePgMigrate: Format = async (migration, directory) => {
  const style = await scriptStyle(directory)
  const name = `${await prefixOf(migration.at, directory)}_${migration.title}`
  const text = scriptText(migration, style, {
    parameter: 'pgm',
    type: 'MigrationBuilder',
    imports: { typed: `import type { MigrationBuilder } from 'node-pg-migrate'` },
    run: (sql) => `pgm.sql(\`${sql}\`)`,
  })
  return { name, files: [{ path: `${name}${style.extension}`, text }] }
}

/** Milliseconds, as the tool writes them; in UTC with 17 digits where the newest migration has been named so. */
async function prefixOf(at: Date, directory: string): Promise<string> {
  const names = await readdir(directory).catch(() => [])
  const newest = names
    .filter((name) => /^\d+_/.test(name))
    .sort()
    .at(-1)
  const isUtc = newest !== undefined && /^\d{17}_/.test(newest)
  return isUtc ? at.toISOString().replaceAll(/\D/g, '') : String(at.getTime())
}
