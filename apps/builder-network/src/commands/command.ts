import { Command } from 'commander'
import { ERRORS, MillraceError } from 'millrace'
import { knownError } from '../../../../src/cli/known-error.ts'

/** What a command is given to work with. */
export interface Task {
  readonly databaseUrl: string
  /** Aborted by Ctrl-C and `kill`. */
  readonly signal: AbortSignal
  /** A line on stderr. */
  readonly say: (line: string) => void
  /** A bar on stderr, where that is a terminal. */
  readonly progress: (part: string, done: number, total: number) => void
}

const INTERRUPTED = 130

/** One of the application's npm scripts: DATABASE_URL in, exit code out. */
export function newCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addHelpText('after', `\nExample:\n  DATABASE_URL=postgresql://localhost/builders npm run ${name}`)
    .allowExcessArguments(false)
}

/** Runs `work` on the database of DATABASE_URL, and sets the exit code as `runStoppable` does. */
export async function runTask(work: (task: Task) => Promise<boolean>): Promise<void> {
  await runStoppable(async (task) => await work({ ...task, databaseUrl: databaseUrl() }))
}

/** Runs `work` in the surroundings of a command, and sets the exit code: 0, 1 with what went wrong on stderr, 130. */
export async function runStoppable(
  work: (task: Omit<Task, 'databaseUrl'>) => Promise<boolean>,
): Promise<void> {
  const controller = new AbortController()
  const stop = () => {
    // A second Ctrl-C: whatever was not committed is rolled back.
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    controller.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    const { signal } = controller
    process.exitCode = (await work({ signal, say, progress })) ? 0 : 1
  } catch (error) {
    say(controller.signal.aborted ? 'stopped; run it again to go on' : tellError(error))
    process.exitCode = controller.signal.aborted ? INTERRUPTED : 1
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

export function databaseUrl(): string {
  const url = process.env['DATABASE_URL'] ?? ''
  const hint = 'Write DATABASE_URL=postgresql://user:password@host:5432/database before the command.'
  if (url === '') throw new MillraceError('DATABASE_MISSING', { hint })
  if (URL.canParse(url) && /^postgres(ql)?:\/\//.test(url)) return url
  throw new MillraceError('BAD_DATABASE_URL', { detail: 'DATABASE_URL is not a URL of PostgreSQL', hint })
}

/** Laid out as the command line does it. A message of the driver never has the URL's password in it. */
function tellError(error: unknown): string {
  const { what, detail, hint } = explain(error)
  return [
    `error: ${what}`,
    ...(detail === undefined ? [] : [`  ${detail}`]),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n')
}

interface Explained {
  readonly what: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
}

function explain(error: unknown): Explained {
  if (error instanceof MillraceError) return coded(error)
  const known = knownError(error)
  // What is none of the server's is a sentence of ours.
  if (known.code === 'INTERNAL_ERROR') return { what: error instanceof Error ? error.message : String(error) }
  return coded(known)
}

function coded({ code, detail, hint }: Pick<MillraceError, 'code' | 'detail' | 'hint'>): Explained {
  return { what: `${ERRORS[code]} (${code})`, detail, hint }
}

function say(line: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  process.stderr.write(`${line}\n`)
}

const BAR = 24

function progress(part: string, done: number, total: number): void {
  if (!process.stderr.isTTY) return
  const filled = Math.round((done / Math.max(1, total)) * BAR)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR - filled)
  process.stderr.write(`\r[${bar}] ${part}\u001b[K`)
  if (done >= total) process.stderr.write('\r\u001b[K')
}
