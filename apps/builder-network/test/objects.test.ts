import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { createCommunity } from './community.ts'

const APP = new URL('../', import.meta.url)

interface Entry {
  readonly kind: string
  readonly object: string
  readonly fate: string
  readonly here: string
  readonly where: string
}

interface TableRow {
  readonly heading: string
  readonly cells: readonly string[]
}

/** The rows of the tables in docs/objects.md, each with the heading that it stands under. */
async function readRows(): Promise<readonly TableRow[]> {
  const sections = (await readFile(new URL('docs/objects.md', APP), 'utf8')).split(/^## /m).slice(1)
  return sections.flatMap((section) => {
    const [heading = '', ...lines] = section.split('\n')
    return lines
      .filter((line) => line.startsWith('| `'))
      .map((line) => ({
        heading,
        cells: line
          .split('|')
          .slice(1)
          .map((cell) => cell.trim().replaceAll('`', '')),
      }))
  })
}

function entryOf({ heading, cells: [object = '', fate = '', here = '', where = ''] }: TableRow): Entry {
  return { kind: heading, object, fate, here, where }
}

const COUNTERS = 'What the counters count'
const KINDS = ['Tables', 'Views', 'Extensions', 'Indexes', 'Functions', 'Triggers', 'Constraints']
/** Of the plan's application: not in the database. */
const CODE_KINDS = ['Application code', 'Routes']
const rows = await readRows()
const entries = rows.filter(({ heading }) => KINDS.includes(heading)).map(entryOf)
const code = rows.filter(({ heading }) => CODE_KINDS.includes(heading)).map(entryOf)

let database: TestDatabase
beforeAll(async () => {
  database = await createCommunity()
})

test('every object of the plan has its row, once', () => {
  const all = [...entries, ...code]
  const counts = Object.fromEntries(
    [...KINDS, ...CODE_KINDS].map((kind) => [kind, all.filter((it) => it.kind === kind).length]),
  )
  // 15 base tables, 3 side tables and a log; then as the plan's own headings count.
  expect(counts).toEqual({
    ...{ Tables: 19, Views: 8, Extensions: 1, Indexes: 62, Functions: 15, Triggers: 28, Constraints: 1 },
    ...{ 'Application code': 9, Routes: 1 },
  })
  expect(new Set(all.map(({ object }) => object)).size).toBe(all.length)
  expect(new Set(all.map(({ fate }) => fate))).toEqual(new Set(['kept', 'replaced']))
})

test('what is kept and what replaces exists', async () => {
  await withClient(database.url('application'), async (client) => {
    const { rows } = await client.query<{ name: string }>(`
      select relname as name from pg_class where relnamespace in ('public'::regnamespace, 'millrace'::regnamespace)
      union select 'millrace.' || relname from pg_class where relnamespace = 'millrace'::regnamespace
      union select proname from pg_proc where pronamespace = 'public'::regnamespace
      union select extname from pg_extension
      union select conname from pg_constraint where connamespace = 'public'::regnamespace
      union select 'capture of ' || tgrelid::regclass from pg_trigger
            where tgname in ('!millrace_insert', '!millrace_update', '!millrace_delete', '!millrace_truncate')
            group by tgrelid having count(*) = 4
      union select tgname from pg_trigger where not tgisinternal`)
    const names = new Set(rows.map(({ name }) => name))
    const wrong = entries.filter(
      ({ object, fate, here }) => !names.has(here) || (fate === 'kept') !== names.has(object),
    )
    expect(wrong).toEqual([])
  })
})

test('a file that is named holds the name', async () => {
  for (const { object, fate, where } of entries) {
    if (where === '') continue
    expect(existsSync(new URL(where, APP)), where).toBe(true)
    if (fate === 'kept') expect(await readFile(new URL(where, APP), 'utf8'), where).toContain(object)
  }
})

test('what takes the place of the application of the plan is in the file that is named', async () => {
  for (const { kind, here, where } of code) {
    const text = await readFile(new URL(where, APP), 'utf8')
    expect(text, here).toMatch(
      kind === 'Routes' ? `'${here}'` : new RegExp(`export (const|function|async function) ${here}\\b`),
    )
  }
})

test('each counter of the dashboard has its line', async () => {
  await withClient(database.url('writer'), async (client) => {
    const { fields } = await client.query('select * from user_dashboard_stats limit 0')
    const counters = rows.filter(({ heading }) => heading === COUNTERS).map(({ cells }) => cells[0])
    expect(['user_id', ...counters]).toEqual(fields.map(({ name }) => name))
  })
})
