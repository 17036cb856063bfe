import { Command, CommanderError, Option } from 'commander'
import { MillraceError } from '../errors.ts'
import { demoCommand } from './commands/demo.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { drainCommand } from './commands/drain.ts'
import { explainCommand } from './commands/explain.ts'
import { generateCommand } from './commands/generate.ts'
import { initCommand } from './commands/init.ts'
import { jobsCommand } from './commands/jobs.ts'
import { lintCommand } from './commands/lint.ts'
import { migrateCommand } from './commands/migrate.ts'
import { planCommand } from './commands/plan.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { tryCommand } from './commands/try.ts'
import { typesCommand } from './commands/types.ts'
import { uninstallCommand } from './commands/uninstall.ts'
import { upgradeCommand } from './commands/upgrade.ts'
import { verifyCommand } from './commands/verify.ts'
import { workCommand } from './commands/work.ts'
import type { Run } from './session.ts'
import type { Stream } from './style.ts'
import { version } from './version.ts'

export interface ProgramOptions {
  readonly stdout: Stream
  /** `options` reads the command line's own options; it must be called when the command runs. */
  readonly run: (options: () => GlobalOptions) => Run
}

export interface GlobalOptions {
  readonly config?: string | undefined
}

/** The command line as a whole: what `millrace --help` shows. */
export function newProgram({ stdout, run: runWith }: ProgramOptions): Command {
  const program = new Command('millrace')
    .description('Keeps read models in PostgreSQL fresh, provably right and cheap.')
    .version(version(), '--version', 'print the version')
    .helpCommand(false)
  const current = { options: (): GlobalOptions => ({}) }
  const run = runWith(() => current.options())

  const commands = [
    tryCommand(run),
    initCommand(run),
    devCommand(run),
    planCommand(run),
    generateCommand(run),
    migrateCommand(run),
    workCommand(run),
    drainCommand(run),
    verifyCommand(run),
    rebuildCommand(run),
    lintCommand(run),
    jobsCommand(run),
    explainCommand(run),
    doctorCommand(run),
    typesCommand(run),
    upgradeCommand(run),
    uninstallCommand(run),
    demoCommand(run),
  ]
  for (const command of commands) program.addCommand(command)
  for (const command of leaves(program)) {
    command.option('--config <file>', 'the configuration, instead of the nearest millrace.config.ts')
    command.option('--json', 'one JSON document on stdout, everything else on stderr')
    command.hook('preAction', (_, action) => {
      current.options = () => action.opts<GlobalOptions>()
    })
  }
  for (const command of family(program)) {
    // `millrace --json` asks for nothing, but asks for it in JSON.
    if (!leaves(program).includes(command)) command.addOption(new Option('--json').hideHelp())
    quieten(command, stdout)
  }
  program.addHelpText('after', AFTER_HELP)
  return program
}

const AFTER_HELP = `
Exit codes:
  0    done, and all is well
  1    an error, or something was found: drift, an ill state, units set aside, findings of lint
  2    plan, generate --check, types --check: there is something to do; try: the query cannot be kept by following its changes
  130  stopped by Ctrl-C before the work was done

Example:
  millrace migrate up && millrace work`

function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

function family(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(family)]
}

/** Errors are thrown, to be told as all errors are; help goes where results go. */
function quieten(command: Command, stdout: Stream): void {
  command
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: (text) => {
        stdout.write(text)
      },
      writeErr: () => undefined,
    })
}

/** What the parser threw, as an error with a code; `help` if help or the version was asked for and is printed. */
export function usageProblem(error: unknown): MillraceError | 'help' | undefined {
  if (!(error instanceof CommanderError)) return undefined
  if (error.exitCode === 0) return 'help'
  const detail =
    error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '')
  const [what, ...more] = detail.split('\n')
  const suggestion = more.join(' ').replaceAll(/[()]/g, '')
  const hint = suggestion === '' ? 'Run millrace --help, or a command with --help.' : suggestion
  return new MillraceError('BAD_USAGE', { detail: what, hint, cause: error })
}
