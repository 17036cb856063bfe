import { expect, test } from 'vitest'
import { documentOf, millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'

const CONFIG = `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({ define: [
  readModel('feed', { key: 'id', freshness: 'eventual', query: sql\`select id, title from projects\` }),
  readModel('sizes', { key: 'id', freshness: 'eventual', query: sql\`select id, length(body) as size from projects\` }),
] })`

test('strict reads are given up for a table or a column, so that it can be changed', async () => {
  const database = await createTestDatabase(
    'create table projects (id int primary key, title text, body text); create table others (id int)',
  )
  const owner = await database.connect('superuser')
  const cwd = await projectFolder({ 'millrace.config.ts': CONFIG })
  const run = (...args: readonly string[]) =>
    millrace(args, { cwd, env: { DATABASE_URL: database.url('superuser') } })
  await run('migrate', 'up')
  const retype = 'alter table projects alter title type varchar(100)'
  await expect(owner.query(retype)).rejects.toMatchObject({ code: '0A000' })

  expect(await run('migrate', 'release', 'others')).toMatchObject({
    code: 0,
    stdout: 'Nothing to do: no strict read depends on it.\n',
  })
  for (const args of [['nobody'], ['nowhere.projects'], ['projects', '--column', 'titel']])
    expect(await run('migrate', 'release', ...args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(BAD_USAGE)') as string,
    })
  expect(await run('migrate', 'release', 'public.projects', '--column', 'title')).toMatchObject({
    code: 0,
    stdout: 'released  public.feed\n',
  })
  await owner.query(retype)
  await expect(owner.query('select * from feed_strict')).rejects.toMatchObject({ code: '55000' })
  expect(await owner.query('select id from feed union select id from sizes_strict')).toEqual([])
  expect(documentOf(await run('migrate', 'release', 'projects', '--json'))).toEqual({
    released: ['public.sizes'],
  })
  expect(await run('migrate', 'up')).toMatchObject({ code: 0 })
  expect(await owner.query('select id from feed_strict union select id from sizes_strict')).toEqual([])
})
