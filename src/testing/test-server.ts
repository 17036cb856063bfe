import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { databaseUrlProblem } from '../define/check-database-url.ts'
import { MillraceError } from '../errors.ts'
import { mayUseEmbedded } from '../pg/embedded/policy.ts'
import { startEmbedded } from '../pg/embedded/server.ts'
import { isHeld } from './hold-server.ts'

/** Servers of this process, by their folders: a test file makes many databases on one. */
const started = new Map<string, Promise<string>>()

/**
 * The URL of the server for tests: the one that is given, else that of DATABASE_URL, else an embedded one under
 * `.millrace/test`, which all processes of the project share.
 */
export async function testServerUrl(given: string | undefined): Promise<string> {
  const { env } = process
  if (env['NODE_ENV'] === 'production') {
    throw new MillraceError('DATABASE_MISSING', {
      detail: 'databases for tests are not made with NODE_ENV=production',
      hint: 'Run the tests with another NODE_ENV.',
    })
  }
  const url = given ?? env['DATABASE_URL']
  if (url !== undefined && url !== '') return checked(url)
  if (!mayUseEmbedded({ command: 'test', env })) throw new Error('the embedded server is for tests')

  const directory = join(process.cwd(), '.millrace', 'test')
  const server = started.get(directory) ?? startHeld(directory)
  started.set(directory, server)
  return await server
}

function checked(url: string): string {
  const problem = databaseUrlProblem(url)
  if (problem === undefined) return url
  throw new MillraceError('BAD_DATABASE_URL', {
    detail: `the server for tests ${problem}`,
    hint: 'Write postgresql://user:password@host:5432/database.',
  })
}

/**
 * A test run may end in any way, also by a kill, and runs one process per file: none of them can be the one that stops the server.
 * So a process of its own does, when nobody has used it for a while.
 */
async function startHeld(directory: string): Promise<string> {
  const { url } = await startEmbedded({ directory, durability: 'off' })
  if (!isHeld(directory)) {
    const program = fileURLToPath(new URL('../../bin/hold-test-server.js', import.meta.url))
    spawn(process.execPath, [program, directory], { detached: true, stdio: 'ignore' }).unref()
  }
  return url
}
