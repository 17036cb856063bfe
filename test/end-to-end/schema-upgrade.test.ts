import { expect, test } from 'vitest'
import { schemaFiles } from '../../src/catalog/schema-files.ts'
import type { Client } from '../../src/pg/client.ts'
import { catalogTrace } from '../faults/catalog-trace.ts'
import { documentOf, millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'

const CONFIG = `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  roles: ${JSON.stringify({ owner: ROLES.owner, worker: ROLES.worker, reader: ROLES.reader })},
  define: [readModel('all_items', { key: 'id', freshness: 'eventual', query: sql\`select id from items\` })],
})`

const MADE = /^create (?:or replace )?(table|sequence|view|type|function) (millrace\.\w+)/gm

/** Takes away what the newest file has made, as if an older Millrace had installed all this. */
async function setBack(owner: Client): Promise<number> {
  const files = await schemaFiles()
  const made = [...(files.at(-1) ?? '').matchAll(MADE)]
  for (const [, kind = '', name = ''] of made) await owner.query(`drop ${kind} if exists ${name} cascade`)
  expect(made.length, 'objects of the newest file').toBeGreaterThan(0)
  await owner.query('delete from millrace.schema_version where version = $1', [files.length])
  return files.length
}

test('an installation of an older version: plan shows what its schema lacks, and migrate up brings it', async () => {
  const database = await createTestDatabase('create table items (id int primary key)')
  const owner = await database.connect('owner')
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('owner') } })
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  const before = await catalogTrace(database)

  const newest = await setBack(owner)
  const upgrade = { from: newest - 1, to: newest }
  const planned = await run('plan', '--json')
  expect(planned).toMatchObject({ code: 2 })
  expect(documentOf(planned)).toMatchObject({
    schema: upgrade,
    changes: [],
    steps: [{ about: 'millrace', statements: [(await schemaFiles()).at(-1)] }],
  })
  expect(await run('plan')).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/^upgrade millrace\n\n1\. millrace {2}bring/) as string,
  })
  expect(await run('migrate', 'status')).toMatchObject({
    stdout: expect.stringContaining('to upgrade  millrace') as string,
  })

  expect(await run('migrate', 'up')).toEqual({
    code: 0,
    stderr: '',
    stdout: `upgraded  millrace, from version ${String(newest - 1)} to ${String(newest)}\n`,
  })
  expect(await catalogTrace(database)).toEqual(before)
  expect(await run('plan')).toMatchObject({ code: 0 })
  expect(documentOf(await run('migrate', 'up', '--json'))).toEqual({ schema: null, changes: [] })
  expect(await run('migrate', 'down')).toMatchObject({ code: 0 })
})
