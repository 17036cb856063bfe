import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drizzleDown, drizzleUp } from './drizzle-text.ts'
import { stampOf, type Format } from './migration.ts'

/** Of Drizzle's own schema: whole in the first one, and from version 9 on only what is new in those that follow. */
interface DrizzleSnapshot {
  readonly version: string
  readonly id: string
  readonly prevIds: readonly string[]
  readonly ddl?: readonly unknown[]
}

const ORIGIN = '00000000-0000-0000-0000-000000000000'

/** As `drizzle-kit generate --custom` leaves it from 1.0 on: a folder with the SQL, and a snapshot that says that nothing changed. */
export const drizzleFolder: Format = async (migration, directory) => {
  const name = `${stampOf(migration.at)}_${migration.title}`
  const text = drizzleUp(migration)
  const snapshot = following(await newestSnapshots(directory))
  const hash = (it: string) => createHash('sha256').update(it).digest('hex')
  return {
    name,
    files: [
      { path: `${name}/down.sql`, text: drizzleDown(migration, text, hash) },
      { path: `${name}/snapshot.json`, text: JSON.stringify(snapshot, undefined, 2) },
      { path: `${name}/migration.sql`, text },
    ],
  }
}

/** Those that no other one follows: several where branches were merged. */
async function newestSnapshots(directory: string): Promise<readonly DrizzleSnapshot[]> {
  const folders = (await readdir(directory).catch(() => [])).sort()
  const files = folders
    .map((folder) => join(directory, folder, 'snapshot.json'))
    .filter((it) => existsSync(it))
  const all = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as DrizzleSnapshot),
  )
  const followed = new Set(all.flatMap(({ prevIds }) => prevIds))
  return all.filter(({ id }) => !followed.has(id)).toReversed()
}

function following(newest: readonly DrizzleSnapshot[]): object {
  const [last] = newest
  const head = { dialect: 'postgres', id: randomUUID(), prevIds: newest.map(({ id }) => id) }
  if (last === undefined)
    return { type: 'base', version: '9', ...head, prevIds: [ORIGIN], footprints: [], ddl: [] }
  if (last.version === '8') return { version: '8', ...head, ddl: last.ddl ?? [], renames: [] }
  return { type: 'diff', version: last.version, ...head, footprints: [], deltas: [] }
}
