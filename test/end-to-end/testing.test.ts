import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { isAlive } from '../../src/pg/embedded/users.ts'
import { startNode, type Child } from '../support/child.ts'
import { projectFolder, writeProjectFile } from '../support/command-line.ts'
import { blocksOf } from '../support/document.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PAGE = new URL('../../docs/testing.md', import.meta.url)

/** A project of its own that has Millrace and the driver installed. */
async function project(): Promise<string> {
  const folder = await projectFolder({ 'package.json': '{ "type": "module" }' })
  // The server may run under another account, and keeps its files elsewhere where that cannot enter.
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'node_modules'))
  await symlink(ROOT, join(folder, 'node_modules/millrace'))
  await symlink(join(ROOT, 'node_modules/pg'), join(folder, 'node_modules/pg'))
  return folder
}

async function ended(child: Child): Promise<string> {
  const { code } = await child.ended
  const said = child.stdout() + child.stderr()
  expect(code, said).toBe(0)
  return said
}

test('the examples of docs/testing.md pass, and print what the page says', async () => {
  const folder = await project()
  const blocks = blocksOf(PAGE)
  const files: string[] = []
  for (const { text } of blocks.filter(({ language }) => ['js', 'sql'].includes(language))) {
    const name = /^(?:\/\/|--) (\S+)\n/.exec(text)?.[1] ?? ''
    files.push(name)
    await writeProjectFile(folder, name, text)
  }
  expect(files).toHaveLength(6)
  const tests = files.filter((it) => it.startsWith('test/'))
  const env = { DATABASE_URL: inject('serverUrl') }
  const said = await ended(startNode(['--test', '--test-reporter=tap', ...tests], { cwd: folder, env }))
  expect(said).toMatch(/^# pass 4$/m)
  expect(said).toMatch(/comparisons: [1-9]/)
  const [shown] = blocks.filter(({ language }) => language === 'text')
  expect(said.replaceAll(/^# /gm, '')).toContain(shown?.text)
})

const USER = `
  import { createTestDatabase, drainAll, expectFresh } from 'millrace/testing'
  import { readModel, sql } from 'millrace'
  const items = readModel('all_items', { key: 'id', freshness: 'eventual', query: sql\`select id from items\` })
  const database = await createTestDatabase({ models: [items], schema: 'create table items (id int primary key)' })
  await database.query('insert into items values (1)')
  await drainAll(database)
  await expectFresh(database)
  console.log('fresh')
  setInterval(() => undefined, 1_000)`

test('without a server there is an embedded one, which is stopped when the last of its users was killed', async () => {
  const folder = await project()
  await writeProjectFile(folder, 'user.js', USER)
  const env = { MILLRACE_TEST_SERVER_KEEP_MS: '500' }
  const users = [1, 2].map(() => startNode(['user.js'], { cwd: folder, env }))
  for (const user of users) await user.said('fresh')
  const file = (name: string) => join(folder, '.millrace/test', name)
  await waitUntil(() => existsSync(file('holder')))
  const holder = Number(readFileSync(file('holder'), 'utf8'))
  const server = Number(readFileSync(file('data/postmaster.pid'), 'utf8').split('\n')[0])

  users[0]?.kill()
  await users[0]?.ended
  expect([holder, server].map(isAlive)).toEqual([true, true])
  users[1]?.kill()
  await waitUntil(() => !isAlive(holder))
  expect(isAlive(server)).toBe(false)
})

async function waitUntil(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 20))
}
