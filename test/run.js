// @ts-check
// Runs all suites and the other checks beside them, and adds up what their runners counted. `npm test` is the short size, `npm run test:long`
// the long one. The last line is `N passed, N failed`; a suite that runs no test has failed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LONG = {
  MILLRACE_SEED: String(Date.now() % 1_000_000),
  MILLRACE_ORACLE_OPERATIONS: '10000000',
  MILLRACE_TEETH_OPERATIONS: '20000',
  MILLRACE_FAULTS: '1000',
  MILLRACE_TOKEN_TRANSACTIONS: '20000',
  MILLRACE_IMMEDIATE_OPERATIONS: '100000',
  MILLRACE_IMMEDIATE_FAULTS: '17',
  MILLRACE_FAULT_ROUNDS: '6',
  MILLRACE_WORKERS_SECONDS: '600',
  MILLRACE_COUNTER_LOOKS: '2500',
  MILLRACE_GENERATED_QUERIES: '100000',
  MILLRACE_GENERATOR_FAULTS: '5',
  MILLRACE_RANK_OPERATIONS: '20000',
  MILLRACE_RANK_FAULTS: 'all',
  MILLRACE_PAGE_WALKS: '2000',
  MILLRACE_LIVE_TRANSACTIONS: '20000',
  MILLRACE_GENERATED_FORMATS: 'all',
  MILLRACE_FUZZ_OPERATIONS: '3000',
  MILLRACE_LOAD_SECONDS: '60',
  MILLRACE_PACKAGE_MANAGERS: 'all',
}

/** The longest first: what is begun last has nothing beside it. */
const TESTS = ['end-to-end', 'oracle', 'faults', 'unit', 'concurrency', 'golden']
/** Each begins with a server and its modules, waits now and then, and ends with one file: another has the cores meanwhile. */
const AT_ONCE = 2

const [size = 'short', ...only] = process.argv.slice(2)
const env = { ...(size === 'long' ? LONG : {}), ...process.env }
const total = { passed: 0, failed: 0 }
/** What failed, with what was expected and how to repeat it: told again at the very end, where nobody has to search for it.
 * @type {string[]} */
const failures = []
const folder = mkdtempSync(join(tmpdir(), 'millrace-results-'))

try {
  // First, for the applications are checked against what is built.
  await check('build', ['tsc', '-p', 'tsconfig.build.json'])
  // These are busy while tests wait, and the other way about.
  const checks = Promise.all([
    check('types', ['tsc', '-p', 'tsconfig.json', '--noEmit']),
    check('format', ['prettier', '--check', '.']),
    check('lint', ['eslint', '.']),
  ])
  const waiting = TESTS[Symbol.iterator]()
  await Promise.all(Array.from({ length: AT_ONCE }, () => runEach(waiting)))
  await checks
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`)
process.stdout.write(`${String(total.passed)} passed, ${String(total.failed)} failed\n`)
process.exitCode = total.failed === 0 ? 0 : 1

/** A tool that says yes or no counts as one.
 * @param {string} name
 * @param {string[]} command */
async function check(name, command) {
  if (only.length > 0 && !only.includes(name)) return
  const seconds = timer()
  const status = await run(command, env)
  if (status !== 0) failures.push(`${name}: ${command.join(' ')}`)
  add(name, seconds(), { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 })
}

/** One after the other, of those that nobody else has taken.
 * @param {Iterable<string>} waiting */
async function runEach(waiting) {
  for (const suite of waiting) await runTests(suite)
}

/** @param {string} suite */
async function runTests(suite) {
  if (only.length > 0 && !only.includes(suite)) return
  const seconds = timer()
  const file = join(folder, `${suite}.json`)
  const reporters = ['--reporter=default', '--reporter=./test/support/results.ts']
  const status = await run(['vitest', 'run', '--project', suite, ...reporters], {
    ...env,
    MILLRACE_RESULTS: file,
  })
  const { passed, failures: failed } = resultsIn(file)
  if (failed.length === 0 && (status !== 0 || passed === 0)) {
    failed.push(`${suite}: the runner ended with ${String(status)} after ${String(passed)} tests that passed`)
  }
  failures.push(...failed)
  add(suite, seconds(), { passed, failed: failed.length })
}

/** Runs a tool that is installed here. Several may run at once; each waits with its words until it has ended.
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<number | null>} its status */
async function run([tool = '', ...args], environment) {
  const child = spawn(join('node_modules', '.bin', tool), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (/** @type {string} */ text) => (said += text))
  }
  const ended = /** @type {unknown} */ (await once(child, 'close'))
  const [status] = /** @type {[number | null]} */ (ended)
  process.stdout.write(said)
  return status
}

/** What `test/support/results.ts` has written there; nothing where the runner did not come so far.
 * @param {string} file
 * @returns {{ passed: number, failures: string[] }} */
function resultsIn(file) {
  if (!existsSync(file)) return { passed: 0, failures: [] }
  const written = /** @type {unknown} */ (JSON.parse(readFileSync(file, 'utf8')))
  return /** @type {{ passed: number, failures: string[] }} */ (written)
}

/** @param {string} name
 * @param {string} seconds
 * @param {{ passed: number, failed: number }} result */
function add(name, seconds, { passed, failed }) {
  total.passed += passed
  total.failed += failed
  process.stdout.write(`--- ${name}: ${String(passed)} passed, ${String(failed)} failed in ${seconds} s\n\n`)
}

function timer() {
  const startedAt = performance.now()
  return () => ((performance.now() - startedAt) / 1000).toFixed(1)
}
