import { spawnSync } from 'node:child_process'
import { chown } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withConnection } from '../../src/pg/client.ts'
import { mayUseEmbedded } from '../../src/pg/embedded/policy.ts'
import { isAlive } from '../../src/pg/embedded/users.ts'
import { BIN, startMillrace, startNode, type ChildOptions } from '../support/child.ts'
import { projectFolder } from '../support/command-line.ts'
import { listFiles } from './database-state.ts'

const CONFIG = `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  define: [readModel('shelf', { key: 'id', freshness: 'eventual', query: sql\`select id, label from items\` })],
})`

const NOBODY = { uid: 65534, gid: 65534 }
const isRoot = process.getuid?.() === 0
const canBeNobody = isRoot && spawnSync(process.execPath, [BIN, '--version'], NOBODY).status === 0

/** Starts the project's server as any program does, says where it is, and holds it. */
const HOLDER = `
  import { startEmbedded } from '${new URL('../../dist/pg/embedded/server.js', import.meta.url).href}'
  const server = await startEmbedded({ directory: process.argv[1], durability: 'off' })
  process.stdout.write('at ' + server.url + ' end')
  setInterval(() => undefined, 1000)`

async function hold(folder: string, options: ChildOptions) {
  const child = startNode(['--input-type=module', '-e', HOLDER, join(folder, '.millrace')], options)
  await child.said(' end')
  return { child, url: child.stdout().slice('at '.length, -' end'.length) }
}

/** The server's process, by its own file; root keeps the data elsewhere where nobody could not enter the folder. */
function serverPid(folder: string): number {
  return Number(readFileSync(join(folder, '.millrace/data/postmaster.pid'), 'utf8').split('\n')[0])
}

async function expectSuccess(args: readonly string[], options: ChildOptions): Promise<string> {
  const child = startMillrace(args, options)
  const { code } = await child.ended
  expect({ code, stderr: child.stderr() }).toEqual({ code: 0, stderr: '' })
  return child.stdout()
}

const accounts = [
  [isRoot ? 'root' : 'an ordinary user', undefined],
  // Only root can be somebody else, and only where others may read this checkout.
  ...(canBeNobody ? [['an ordinary user', NOBODY] as const] : []),
] as const

test.each(accounts)('one server for all commands of a project: %s', async (_, account) => {
  const folder = await projectFolder({ 'millrace.config.ts': CONFIG })
  if (account !== undefined) await chown(folder, account.uid, account.gid)
  else spawnSync('chmod', ['755', folder])
  const options = { cwd: folder, account }

  const { child: starter, url } = await hold(folder, options)
  const pid = serverPid(folder)
  await withConnection({ url }, (client) =>
    client.query(`create table items (id int primary key, label text);
                  insert into items select i, 'item ' || i from generate_series(1, 9) as i`),
  )
  expect(await expectSuccess(['migrate', 'up'], options)).toBe('created  public.shelf\n')
  expect(isAlive(pid)).toBe(true)

  // Whoever started it is killed: it is found again, and its last user stops it.
  const worker = startMillrace(['work'], options)
  await worker.said('working on shelf')
  starter.kill()
  await starter.ended
  expect(await expectSuccess(['verify'], options)).toBe('exact  public.shelf: 9 rows\n')
  expect(serverPid(folder)).toBe(pid)
  expect(isAlive(pid)).toBe(true)
  worker.interrupt()
  expect(await worker.ended).toEqual({ code: 0, signal: null })
  expect(worker.stdout()).toMatch(/^\d+ drains?, /)
  expect(isAlive(pid)).toBe(false)

  // Nobody is left: the next command starts it on the same data, and stops it.
  expect(await expectSuccess(['verify'], options)).toBe('exact  public.shelf: 9 rows\n')
  expect((await listFiles(join(folder, '.millrace'))).filter((it) => it.includes('postmaster.pid'))).toEqual(
    [],
  )
})

test.each([
  [{}, 'work', true],
  [{}, 'demo', true],
  [{ CI: '1' }, 'work', false],
  [{ CI: 'true' }, 'migrate up', false],
  [{ CI: '1' }, 'demo', true],
  [{ CI: '1' }, 'start', true],
  [{ CI: '1' }, 'test', true],
  [{ CI: '' }, 'work', true],
  [{ CI: 'false' }, 'work', true],
  [{ NODE_ENV: 'production' }, 'work', false],
  [{ NODE_ENV: 'production' }, 'demo', false],
  [{ NODE_ENV: 'production', CI: '1' }, 'test', false],
] as const)('with %o, %s may have a server of its own: %s', (env, command, expected) => {
  expect(mayUseEmbedded({ command, env })).toBe(expected)
})

test.each([{ NODE_ENV: 'production' }, { CI: '1' }])(
  'with %o a forgotten DATABASE_URL is an error',
  async (env) => {
    const folder = await projectFolder({ 'millrace.config.ts': CONFIG })
    const child = startMillrace(['migrate', 'up'], { cwd: folder, env })
    expect(await child.ended).toMatchObject({ code: 1 })
    expect(child.stderr()).toContain('(DATABASE_MISSING)')
    expect(child.stderr()).toContain('hint: Set DATABASE_URL')
    expect(await listFiles(folder)).toEqual(['millrace.config.ts'])
  },
)
