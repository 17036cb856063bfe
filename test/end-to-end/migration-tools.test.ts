import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MIGRATION_FORMATS } from '../../src/define/migration-format.ts'
import { FORMATS } from '../../src/migrate/formats/formats.ts'
import type { Migration } from '../../src/migrate/formats/migration.ts'
import { writeWhole } from '../../src/migrate/write-whole.ts'
import { projectFolder } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { linkPackages, TOOLS } from '../support/migration-tools.ts'

/** Text that means something else to a template, to a driver with parameters, or to whoever takes scripts apart. */
const AWKWARD =
  'back`tick ${dollar} \\ back\\\\slash ? question $1 :name {curly} ; semicolon \r\n -- no comment\n'

/** A function that returns the text from inside a body with semicolons of its own, and a view with an operator `?`. */
function migrationOf(title: string, at: string): Migration {
  return {
    at: new Date(at),
    title,
    header: [`Makes ${title}.`, '', 'Written by a test.'],
    up: [
      {
        comment: ['what `it` ${returns}'],
        statements: [
          `create function ${title}() returns text language plpgsql as $body$\nbegin\n  return $text$${AWKWARD}$text$;\nend\n$body$`,
          `create view ${title}_view as\nselect '{"a": 1}'::jsonb ? 'a' as is_there -- at the end`,
        ],
      },
    ],
    down: [{ comment: [], statements: [`drop view ${title}_view`, `drop function ${title}()`] }],
  }
}

test('there is a tool for each format', () => {
  const formats = Object.keys(MIGRATION_FORMATS).filter((format) => format !== 'sql')
  expect([...new Set(TOOLS.map(({ format }) => format))].sort()).toEqual(formats.sort())
})

test.each(TOOLS)('$name runs what is written for it, undoes it, and runs it again', async (tool) => {
  const database = await createTestDatabase()
  const owner = await database.connect('owner')
  const project = await projectFolder(tool.project ?? {})
  await linkPackages(project, tool)
  const folder = join(project, MIGRATION_FORMATS[tool.format])
  const url = database.url('owner')

  // The second follows the first, which the tool has run already.
  for (const [title, at] of [
    ['first_one', '2026-01-02T03:04:05.678Z'],
    ['second_one', '2026-01-02T03:04:06Z'],
  ] as const) {
    const { files } = await FORMATS[tool.format](migrationOf(title, at), folder)
    for (const { path, text } of files) await writeWhole(join(folder, path), text)
    await tool.up(folder, url)
    expect(await owner.query(`select ${title}() as text, is_there from ${title}_view`)).toEqual([
      { text: AWKWARD, is_there: true },
    ])
  }
  await tool.up(folder, url)

  await tool.down(folder, url)
  expect(await functionsOf()).toEqual(['first_one'])
  await tool.up(folder, url)
  expect(await functionsOf()).toEqual(['first_one', 'second_one'])

  async function functionsOf() {
    const rows = await owner.query<{ name: string }>(
      `select proname as name from pg_proc where proname in ('first_one', 'second_one') order by 1`,
    )
    return rows.map(({ name }) => name)
  }
})
