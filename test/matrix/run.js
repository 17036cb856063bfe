// @ts-check
// Runs the tests against another version of PostgreSQL: `node test/matrix/run.js 15 [suite …]`, after `npm ci` here.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../dist/pg/embedded/server.js'

const [version = '', ...suites] = process.argv.slice(2)
const serverPackage = join(import.meta.dirname, 'node_modules', `postgres-${version}`)
if (!existsSync(serverPackage)) {
  process.stderr.write(`no server ${version}: run npm ci in test/matrix, and give one of 15, 16, 17, 18\n`)
  process.exit(1)
}

const directory = mkdtempSync(join(tmpdir(), `millrace-matrix-${version}-`))
const server = await startEmbedded({ directory, durability: 'off', serverPackage })
try {
  const { status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../run.js'), 'short', ...suites],
    {
      stdio: 'inherit',
      env: { ...process.env, MILLRACE_TEST_SERVER: server.url, MILLRACE_TEST_SERVER_PACKAGE: serverPackage },
    },
  )
  process.exitCode = status ?? 1
} finally {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
}
