import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentOf, millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'

test('init in an empty folder, with no database, ends in a first read model that works', async () => {
  const folder = await projectFolder({ 'package.json': '{ "type": "module" }' })
  // The embedded server may run under another account.
  await chmod(folder, 0o755)
  const run = async (...args: readonly string[]) => {
    const outcome = await millrace([...args, '--json'], { cwd: folder })
    expect(outcome, args.join(' ')).toMatchObject({ code: 0 })
    return documentOf(outcome)
  }
  expect(await run('init')).toMatchObject({
    first: { relation: { name: 'projects_page' }, key: ['id'] },
    files: [
      { path: 'example.sql', outcome: 'written' },
      { path: 'millrace.config.js', outcome: 'written' },
      { path: 'models/projects-page.js', outcome: 'written' },
    ],
  })
  await run('migrate', 'up')
  expect(await run('verify')).toMatchObject({
    models: [{ model: 'public.projects_page', rows: 2, drift: [] }],
  })

  // What it has written is the user's own from now on.
  await writeFile(join(folder, 'example.sql'), '-- mine')
  await run('init')
  expect(await readFile(join(folder, 'example.sql'), 'utf8')).toBe('-- mine')
})

test('in a database that is named nothing is made', async () => {
  const database = await createTestDatabase()
  const folder = await projectFolder({})
  const env = { DATABASE_URL: database.url('superuser') }
  const outcome = await millrace(['init', '--json'], { cwd: folder, env })
  expect(documentOf(outcome)).toMatchObject({ first: null })
  const client = await database.connect('superuser')
  expect(await client.query(`select from pg_tables where schemaname = 'public'`)).toEqual([])
})
