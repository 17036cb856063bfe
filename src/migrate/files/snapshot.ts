import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MigrationFormat } from '../../define/migration-format.ts'
import { isRecord } from '../../define/is-record.ts'
import { MillraceError } from '../../errors.ts'
import { writeWhole } from '../write-whole.ts'
import { NOTHING_WANTED, type State } from './state.ts'

/**
 * What the migrations of a directory make, when all of them have been run, and what `millrace generate` wrote there: it
 * stands among them, so that whoever has the migrations has it as well, and no database is asked.
 */
export interface Snapshot extends State {
  readonly format: 1
  readonly tool: MigrationFormat
  /** Oldest first. */
  readonly migrations: readonly GeneratedMigration[]
}

export interface GeneratedMigration {
  readonly name: string
  /** Paths in the directory, each with the checksum of what was written. */
  readonly files: Readonly<Record<string, string>>
}

/** Hidden: node-pg-migrate takes every other file for a migration. A file: Prisma takes every folder for one. */
const SNAPSHOT = '.millrace-snapshot.json'

export function emptySnapshot(tool: MigrationFormat): Snapshot {
  const nothing = {
    schemaVersion: 0,
    models: [],
    scheduled: [],
    objects: [],
    searchPath: null,
    server: NOTHING_WANTED,
  }
  return { format: 1, tool, migrations: [], ...nothing }
}

/** Null where nothing has been generated. */
export async function readSnapshot(directory: string): Promise<Snapshot | null> {
  const file = join(directory, SNAPSHOT)
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  if (/^<{7} /m.test(text)) throw diverged(file, 'a merge has left both sides in it')
  const read = parsed(text)
  // Earlier ones say nothing of the server.
  if (isRecord(read) && read['format'] === 1)
    return { server: NOTHING_WANTED, ...read } as unknown as Snapshot
  throw new MillraceError('SNAPSHOT_UNREADABLE', {
    detail: isRecord(read) ? 'a newer Millrace has written it' : 'it is no JSON',
    hint: 'Restore it from version control, or use the version of Millrace that has written it.',
    file,
  })
}

export async function writeSnapshot(directory: string, snapshot: Snapshot): Promise<void> {
  await writeWhole(join(directory, SNAPSHOT), `${JSON.stringify(snapshot, undefined, 1)}\n`)
}

/** Two branches have generated from one state: each makes capture for the models that it knows of, and for no others. */
export function diverged(file: string, detail: string): MillraceError {
  return new MillraceError('MIGRATIONS_DIVERGED', {
    detail,
    hint: `Keep the files and the snapshot (${SNAPSHOT}) of the branch that is deployed first, delete those that only the other one has, and run millrace generate again.`,
    file,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
