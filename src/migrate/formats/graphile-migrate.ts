import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { literal, sql } from '../../sql/sql.ts'
import type { Format } from './migration.ts'
import { guarded, sqlText } from './sql-text.ts'

/** As the tool itself finds them: `000001.sql`, `000012-feed.sql`. */
const COMMITTED = /^(?<number>\d{6})(?:-[-_a-zA-Z0-9]*)?\.sql$/

/**
 * A committed migration: what is generated is complete, and `current.sql` is the developer's own. Each is named by a number
 * and has a hash over its text and the hash of the one before. Only forward: `down/` beside it is for psql.
 */
export const graphileMigrate: Format = async ({ title, header, up, down }, directory) => {
  const last = await lastCommitted(join(directory, 'committed'))
  const number = String((last?.number ?? 0) + 1).padStart(6, '0')
  const slug = title.replaceAll('_', '-')
  const body = sqlText(header, guarded(up))
  const headers = [
    `--! Previous: ${last?.hash ?? '-'}`,
    `--! Hash: ${hashOf(body, last?.hash)}`,
    `--! Message: ${title.replaceAll('_', ' ')}`,
  ]
  const forget = {
    comment: ['graphile-migrate takes it for applied until it is not in this table any more.'],
    statements: [
      sql`delete from graphile_migrate.migrations where filename = ${literal(`${number}.sql`)}`.text,
    ],
  }
  const name = `${number}-${slug}.sql`
  return {
    name,
    files: [
      { path: `down/${name}`, text: sqlText([...header, '', 'Undoes it.'], guarded([...down, forget])) },
      { path: `committed/${name}`, text: `${headers.join('\n')}\n\n${body}` },
    ],
  }
}

async function lastCommitted(folder: string): Promise<{ number: number; hash: string } | undefined> {
  const names = await readdir(folder).catch(() => [])
  const newest = names
    .filter((name) => COMMITTED.test(name))
    .sort()
    .at(-1)
  if (newest === undefined) return undefined
  const text = await readFile(join(folder, newest), 'utf8')
  const hash = /^--! Hash: (?<hash>\S+)$/m.exec(text)?.groups?.['hash'] ?? '-'
  return { number: Number(COMMITTED.exec(newest)?.groups?.['number']), hash }
}

/** graphile-migrate's: over the hash of the migration before, a line end, and the text without space around it. */
function hashOf(body: string, previous = ''): string {
  return `sha1:${createHash('sha1')
    .update(`${`${previous}\n${body.trim()}`.trim()}\n`)
    .digest('hex')}`
}
