import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drizzleDown, drizzleUp } from './drizzle-text.ts'
import { stampOf, type Format } from './migration.ts'

interface Journal {
  readonly version: string
  readonly dialect: string
  readonly entries: readonly {
    readonly idx: number
    readonly version: string
    /** Milliseconds: what is not later than the last that was run is not run. */
    readonly when: number
    readonly tag: string
    readonly breakpoints: boolean
  }[]
}

const VERSION = '7'
const NO_JOURNAL: Journal = { version: VERSION, dialect: 'postgresql', entries: [] }
/** What the first snapshot follows. */
const ORIGIN = '00000000-0000-0000-0000-000000000000'
const NO_SNAPSHOT = {
  id: ORIGIN,
  version: VERSION,
  dialect: 'postgresql',
  tables: {},
  enums: {},
  schemas: {},
  sequences: {},
  roles: {},
  policies: {},
  views: {},
  _meta: { columns: {}, schemas: {}, tables: {} },
}

/**
 * As `drizzle-kit generate --custom` leaves it before 1.0: a file of SQL, the snapshot of Drizzle's own schema as it was,
 * and an entry of the journal, last, since the migrator goes by that.
 */
export const drizzleJournal: Format = async (migration, directory) => {
  const journal = (await readJson<Journal>(join(directory, 'meta', '_journal.json'))) ?? NO_JOURNAL
  const last = journal.entries.at(-1)
  const idx = last === undefined ? 0 : last.idx + 1
  const prefix = prefixOf(last?.tag, idx, migration.at)
  const tag = `${prefix}_${migration.title}`
  const when = Math.max(migration.at.getTime(), (last?.when ?? 0) + 1)

  const before = (last && (await readJson(join(directory, 'meta', snapshotName(last.tag))))) ?? NO_SNAPSHOT
  const snapshot = { ...before, id: randomUUID(), prevId: before.id }
  const entries = [...journal.entries, { idx, version: VERSION, when, tag, breakpoints: true }]
  const text = drizzleUp(migration)
  const hash = (it: string) => createHash('sha256').update(it).digest('hex')
  return {
    name: tag,
    files: [
      { path: `${tag}.down.sql`, text: drizzleDown(migration, text, hash) },
      { path: `${tag}.sql`, text },
      { path: `meta/${prefix}_snapshot.json`, text: jsonText(snapshot) },
      { path: 'meta/_journal.json', text: jsonText({ ...journal, entries }), isShared: true },
    ],
  }
}

/** By number, or by time where the newest one is named so. */
function prefixOf(last: string | undefined, idx: number, at: Date): string {
  return last !== undefined && /^\d{14}_/.test(last) ? stampOf(at) : String(idx).padStart(4, '0')
}

function snapshotName(tag: string): string {
  return `${tag.slice(0, tag.indexOf('_'))}_snapshot.json`
}

async function readJson<T = typeof NO_SNAPSHOT>(file: string): Promise<T | undefined> {
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as T) : undefined
}

function jsonText(value: object): string {
  return JSON.stringify(value, undefined, 2)
}
