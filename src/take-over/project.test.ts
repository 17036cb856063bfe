import { expect, test } from 'vitest'
import { projectFolder } from '../../test/support/command-line.ts'
import { readProject } from './project.ts'

const manifest = (dependencies: readonly string[], more: object = {}) =>
  JSON.stringify({ dependencies: Object.fromEntries(dependencies.map((it) => [it, '1'])), ...more })

test.each([
  [{}, 'ts', 'sql', 'migrations'],
  [{ 'package.json': manifest([]) }, 'mjs', 'sql', 'migrations'],
  [{ 'package.json': manifest([], { type: 'module' }) }, 'js', 'sql', 'migrations'],
  [
    { 'package.json': manifest(['typescript', 'prisma', '@prisma/client']) },
    'ts',
    'prisma',
    'prisma/migrations',
  ],
  [{ 'package.json': manifest(['drizzle-orm']), 'tsconfig.json': '{}' }, 'ts', 'drizzle', 'drizzle'],
  [{ 'package.json': manifest(['knex']), 'db/migrations/1.js': '' }, 'mjs', 'knex', 'db/migrations'],
  [{ 'package.json': manifest(['kysely']), 'src/migrations/1.js': '' }, 'mjs', 'kysely', 'src/migrations'],
  [{ 'package.json': manifest(['node-pg-migrate']) }, 'mjs', 'node-pg-migrate', 'migrations'],
  [{ 'package.json': manifest(['graphile-migrate']) }, 'mjs', 'graphile-migrate', 'migrations'],
  // Whichever has migrations runs them.
  [{ 'package.json': manifest(['prisma', 'knex']), 'migrations/1.js': '' }, 'mjs', 'knex', 'migrations'],
])('%j', async (files, language, format, directory) => {
  const folder = await projectFolder(files)
  expect(await readProject(folder)).toEqual({ language, migrations: { format, directory } })
})
