import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { PATIENCE_MS } from '../support/patience.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return await new Promise((resolve) => {
    // Nothing of the run that we are part of may help: no module path, no setting of npm or of a test runner.
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(npm_|NODE_|VITEST|DATABASE_URL)/.test(name),
    )
    const child = execFile(
      command,
      [...args],
      { cwd, env: { ...Object.fromEntries(own), ...env } },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr })
      },
    )
  })
}

let clone = ''

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-clone-'))
  // The server's own account must be able to enter.
  await chmod(directory, 0o755)
  clone = join(directory, 'millrace')
  await copyOfHead(clone)
  const installed = await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], clone)
  expect([installed.code, installed.code === 0 ? '' : installed.stderr]).toEqual([0, ''])
  return () => rm(directory, { recursive: true, force: true })
  // Installing is the network's and the disk's pace: seconds with a warm cache, minutes without one.
}, 2 * PATIENCE_MS)

/** What is committed; where there is no repository (an unpacked archive), the files as they are. */
async function copyOfHead(target: string): Promise<void> {
  const head = await run('git', ['-c', 'safe.directory=*', 'rev-parse', '--verify', 'HEAD'], ROOT)
  const top = await run('git', ['-c', 'safe.directory=*', 'rev-parse', '--show-prefix'], ROOT)
  if (head.code === 0 && top.stdout.trim() === '') {
    // Through file: a shallow repository can be cloned, too.
    const cloned = await run(
      'git',
      ['-c', 'safe.directory=*', 'clone', '--quiet', `file://${ROOT}`, target],
      ROOT,
    )
    expect([cloned.code, cloned.stderr.replaceAll(/^warning: .*\n/gm, '')]).toEqual([0, ''])
    return
  }
  const made = ['node_modules', 'dist', '.millrace', '.git']
  await cp(ROOT, target, { recursive: true, filter: (source) => !made.includes(basename(source)) })
}

test('the command line runs from a fresh clone', async () => {
  const { code, stdout } = await run('npx', ['millrace', '--help'], clone)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: millrace/)
})

test('a configuration in a folder of its own imports millrace', async () => {
  const database = await createTestDatabase(
    'create table votes (id int primary key, project_id int not null)',
  )
  const folder = join(clone, 'some', 'where', 'else')
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'millrace.config.ts'),
    `import { defineConfig, readModel, sql } from 'millrace'
     export default defineConfig({
       define: [
         readModel('counts', {
           key: 'project_id',
           freshness: 'eventual',
           query: sql\`select project_id, count(*) as votes from votes group by project_id\`,
         }),
       ],
     })`,
  )
  const env = { DATABASE_URL: database.url('superuser') }
  const planned = await run('npx', ['millrace', 'plan', '--json'], folder, env)
  expect([planned.code, planned.stderr.replaceAll(/^npm warn .*\n/gm, '')]).toEqual([2, ''])
  expect(JSON.parse(planned.stdout)).toMatchObject({ changes: [{ kind: 'create', model: 'public.counts' }] })
})

test('npm start runs the application with nothing set up before', async () => {
  const { code, stdout, stderr } = await run(
    'npm',
    ['start', '--silent', '--', '--seconds', '3', '--json'],
    clone,
  )
  expect([code, code === 0 ? '' : stderr + stdout]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, errors: 0 })
})
