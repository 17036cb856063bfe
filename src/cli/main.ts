import type { MillraceError } from '../errors.ts'
import { loadConfig } from '../define/load-config.ts'
import * as client from '../client/index.ts'
import * as millrace from '../index.ts'
import { INTERRUPTED_EXIT, listenForInterrupt, type SignalSource } from './interrupt.ts'
import { knownError } from './known-error.ts'
import { newOutput, type Output } from './output.ts'
import { newProgram, usageProblem } from './program.ts'
import { failuresOf, renderFailures } from './render-error.ts'
import type { ExitCode, Input, Run, Session } from './session.ts'
import type { Stream } from './style.ts'

/** The world around a command; tests have their own. */
export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Stream
  readonly stderr: Stream
  readonly stdin: Input
  readonly signals: SignalSource
  /** Ends the process at once. */
  readonly exit: (code: number) => void
}

/** Runs the command line. Returns the exit code. */
export async function main(
  args: readonly string[],
  surroundings: Surroundings = ourProcess(),
): Promise<number> {
  // Looked for by hand, since a command line that cannot be parsed must be answered in JSON too.
  const isJson = args.includes('--json')
  const output = newOutput({ ...surroundings, isJson })
  let exitCode: ExitCode = 0
  const program = newProgram({
    stdout: surroundings.stdout,
    run:
      (options): Run =>
      async (command, work) => {
        exitCode = await runCommand(surroundings, output, options(), command, work)
      },
  })

  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    const problem = usageProblem(error)
    return problem === 'help' ? 0 : reportFailure(output, surroundings.cwd, problem ?? knownError(error))
  }
}

async function runCommand(
  { cwd, env, stdin, signals, exit }: Surroundings,
  output: Output,
  { config }: { readonly config?: string | undefined },
  command: string,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const interrupt = listenForInterrupt(signals, {
    onFirst: () => {
      output.log('stopping; once more to stop at once')
    },
    onSecond: () => {
      exit(INTERRUPTED_EXIT)
    },
  })
  const { signal } = interrupt
  try {
    const load: Session['loadConfig'] = (how = {}) =>
      loadConfig({ cwd, named: config, millrace, client, ...how })
    const isConfigNamed = config !== undefined
    return await work({ command, cwd, env, output, signal, stdin, loadConfig: load, isConfigNamed })
  } catch (error) {
    return reportFailure(output, cwd, knownError(error))
  } finally {
    output.progress.end()
    interrupt.end()
  }
}

function reportFailure(output: Output, cwd: string, error: MillraceError): ExitCode {
  const failures = failuresOf(error, cwd)
  if (output.isJson) output.result({ errors: failures }, () => '')
  else output.log(renderFailures(failures, output.logStyle).trimEnd())
  return error.code === 'INTERRUPTED' ? INTERRUPTED_EXIT : 1
}

function ourProcess(): Surroundings {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe)
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    signals: process,
    exit: (code) => process.exit(code),
  }
}

/** `millrace plan | head`: the reader has gone and has what it wanted; the command ends as it would have. */
function ignoreBrokenPipe(error: Error): void {
  if ((error as { readonly code?: unknown }).code !== 'EPIPE') throw error
}
