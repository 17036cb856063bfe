import { Command } from 'commander'
import { ERRORS, MillraceError } from 'millrace'

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
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return url
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
  if (error instanceof MillraceError) {
    return { what: `${ERRORS[error.code]} (${error.code})`, detail: error.detail, hint: error.hint }
  }
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  if (!(first instanceof Error)) return { what: String(first) }
  const { code, detail, hint } = first as { code?: string; detail?: string; hint?: string }
  if (code !== undefined && UNREACHABLE.includes(code)) {
    return {
      what: `${ERRORS.DATABASE_UNREACHABLE} (DATABASE_UNREACHABLE)`,
      detail: first.message,
      hint: 'Check host and port in DATABASE_URL, and that the server runs.',
    }
  }
  return { what: code === undefined ? first.message : `${first.message} (SQLSTATE ${code})`, detail, hint }
}

const UNREACHABLE = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOENT']

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
