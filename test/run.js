// @ts-check
// Runs all suites and the other checks beside them, and adds up what their runners counted. `npm test` is the short size, `npm run test:long`
// the long one. The last line is `N passed, N failed`; a suite that runs no test, or does not end, has failed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

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
  MILLRACE_TEST_MINUTES: '3000',
}

/** The longest first: what is begun last has nothing beside it. */
const TESTS = ['end-to-end', 'oracle', 'faults', 'unit', 'concurrency', 'golden']
/** Each begins with a server and its modules, waits now and then, and ends with one file: another has the cores meanwhile. */
const AT_ONCE = 2
/** For what is stopped, to stop its server. */
const GRACE_MS = 10_000

const [size = 'short', ...only] = process.argv.slice(2)
const env = { MILLRACE_TEST_MINUTES: '45', ...(size === 'long' ? LONG : {}), ...process.env }
/** Ends what runs. What is not over in this time hangs: who waits for the result is told where. */
const stop = new AbortController()
const minutes = Number(env.MILLRACE_TEST_MINUTES)
// Timers know no more than 24 days.
if (!(minutes > 0 && minutes < 35_000)) {
  process.stderr.write(
    `MILLRACE_TEST_MINUTES is ${env.MILLRACE_TEST_MINUTES}: give minutes, above 0 and below 35000, or leave it out\n`,
  )
  process.exit(2)
}
setTimeout(() => {
  stop.abort(`had not ended after ${String(minutes)} minutes`)
}, minutes * 60_000).unref()
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    stop.abort(`was ended by ${signal}`)
  })
}
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

/** @param {string} name */
function isWanted(name) {
  return !stop.signal.aborted && (only.length === 0 || only.includes(name))
}

/** A tool that says yes or no counts as one.
 * @param {string} name
 * @param {string[]} command */
async function check(name, command) {
  if (!isWanted(name)) return
  const seconds = timer()
  const how = await run(name, command, env)
  if (how !== 0) failures.push(`${name}: ${command.join(' ')} ${told(how)}`)
  add(name, seconds(), { passed: how === 0 ? 1 : 0, failed: how === 0 ? 0 : 1 })
}

/** One after the other, of those that nobody else has taken.
 * @param {Iterable<string>} waiting */
async function runEach(waiting) {
  for (const suite of waiting) await runTests(suite)
}

/** @param {string} suite */
async function runTests(suite) {
  if (!isWanted(suite)) return
  const seconds = timer()
  const file = join(folder, `${suite}.json`)
  const reporters = ['--reporter=default', '--reporter=./test/support/results.ts']
  const how = await run(suite, ['vitest', 'run', '--project', suite, ...reporters], {
    ...env,
    MILLRACE_RESULTS: file,
  })
  const { passed, failures: failed, running: files } = resultsIn(file)
  if (how === 'stopped' || (failed.length === 0 && (how !== 0 || passed === 0))) {
    failed.push(
      [`${suite}: the runner ${told(how)}, after ${String(passed)} tests that passed`, ...files].join(
        '\n    in ',
      ),
    )
  }
  failures.push(...failed)
  add(suite, seconds(), { passed, failed: failed.length })
}

/** How a tool ended: its status, null where a signal ended it, `stopped` where it did not end by itself.
 * @typedef {number | null | 'stopped'} Ending */

/** @param {Ending} how
 * @returns {string} */
function told(how) {
  return how === 'stopped' ? String(stop.signal.reason) : `ended with ${String(how)}`
}

/** Runs a tool that is installed here, and passes its lines on, each with its name: several run at once.
 * @param {string} name
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Ending>} */
async function run(name, [tool = '', ...args], environment) {
  const child = spawn(join('node_modules', '.bin', tool), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
    // A group of its own, which ends with all that it has begun.
    detached: true,
  })
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => process.stdout.write(`${name}: ${line}\n`))
  }
  const closed = once(child, 'close')
  const how = await ended(child)
  // What it has left behind holds its pipes open, for ever perhaps, and may have left its group, too.
  send('SIGKILL', child)
  setTimeout(() => {
    child.stdout.destroy()
    child.stderr.destroy()
  }, GRACE_MS).unref()
  await closed
  return how
}

/** @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<Ending>} */
async function ended(child) {
  try {
    const exit = /** @type {unknown} */ (await once(child, 'exit', { signal: stop.signal }))
    return /** @type {[number | null]} */ (exit)[0]
  } catch (error) {
    if (!stop.signal.aborted) throw error
    send('SIGINT', child)
    await once(child, 'exit', { signal: AbortSignal.timeout(GRACE_MS) }).catch(() => undefined)
    return 'stopped'
  }
}

/** @param {NodeJS.Signals} signal
 * @param {import('node:child_process').ChildProcess} child */
function send(signal, { pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // Nobody is left of its group.
  }
}

/** What `test/support/results.ts` has written there; nothing where the runner did not come so far.
 * @param {string} file
 * @returns {{ passed: number, failures: string[], running: string[] }} */
function resultsIn(file) {
  if (!existsSync(file)) return { passed: 0, failures: [], running: [] }
  const written = /** @type {unknown} */ (JSON.parse(readFileSync(file, 'utf8')))
  return /** @type {{ passed: number, failures: string[], running: string[] }} */ (written)
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
