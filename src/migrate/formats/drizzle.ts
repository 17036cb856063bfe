import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { drizzleFolder } from './drizzle-folder.ts'
import { drizzleJournal } from './drizzle-journal.ts'
import { findAbove } from './find-above.ts'
import type { Format } from './migration.ts'

/**
 * Drizzle Kit before 1.0 keeps a journal, from then on each migration has a folder: as what stands there, and for the first
 * migration as the drizzle-orm that is installed reads them.
 */
export const drizzle: Format = async (migration, directory) => {
  return (await hasFolders(directory))
    ? await drizzleFolder(migration, directory)
    : await drizzleJournal(migration, directory)
}

async function hasFolders(directory: string): Promise<boolean> {
  if (existsSync(join(directory, 'meta', '_journal.json'))) return false
  const names = await readdir(directory).catch(() => [])
  if (names.some((name) => existsSync(join(directory, name, 'migration.sql')))) return true
  return installedMajor(directory) >= 1
}

/** 0 where it is not installed. */
function installedMajor(directory: string): number {
  const file = findAbove(directory, join('node_modules', 'drizzle-orm', 'package.json'))
  if (file === undefined) return 0
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
  return Number.parseInt(version, 10)
}
