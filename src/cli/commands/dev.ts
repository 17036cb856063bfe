import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { withoutPassword } from '../../define/check-database-url.ts'
import type { Config } from '../../define/resolve-config.ts'
import { MillraceError } from '../../errors.ts'
import { applyDeclared } from '../../migrate/apply-declared.ts'
import { prune } from '../../migrate/prune.ts'
import { readInstalled } from '../../migrate/read-installed.ts'
import { work } from '../../work/loop.ts'
import { describeAll, type DescribedChange } from '../describe-change.ts'
import { knownError } from '../known-error.ts'
import { withDatabaseUrl, withOwner } from '../open-database.ts'
import { failuresOf, renderFailures } from '../render-error.ts'
import { requireDevelopment } from '../require-development.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'
import { watchFiles } from '../watch-files.ts'
import { newTotals, tell } from './work.ts'

const HELP = `
What it does is told line by line, with --json as lines of JSON on stdout. A declaration that is refused changes nothing: the one
before stays at work, and the next change of a file is tried again.

Example:
  millrace dev`

/** `millrace dev`: runs until Ctrl-C. */
export function devCommand(run: Run): Command {
  return new Command('dev')
    .description(
      'Watches the declarations, applies each change to the development database, and runs the worker.',
    )
    .option('--yes', 'also a database that looks like one of production')
    .addHelpText('after', HELP)
    .action(({ yes = false }: { readonly yes?: boolean }) =>
      run('dev', async (session) => {
        const place = await placeOf(session)
        const folder = dirname(place.file)
        await withDatabaseUrl(session, place, async (url) => {
          if (!yes) requireDevelopment(url, session.env)
          await develop(session, folder, url)
        })
        return 0
      }),
    )
}

/** Where to work, also while the configuration cannot be used; it must be there. */
async function placeOf(session: Session): Promise<Pick<Config, 'directUrl' | 'database' | 'file'>> {
  try {
    return await session.loadConfig({ anew: true })
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'CONFIG_NOT_FOUND') throw error
    return { directUrl: undefined, database: undefined, file: join(session.cwd, 'millrace.config.ts') }
  }
}

/** Applies what is declared, now and after each change, beside a worker. */
async function develop(session: Session, folder: string, url: string): Promise<void> {
  const { output, signal } = session
  const database = isEmbedded(url) ? url : withoutPassword(url)
  output.event({ event: 'watching', folder, database }, (it, style) => {
    return `${style.strong('watching')} ${it.folder}, at work on ${it.database}`
  })
  let worker: Promise<void> | undefined
  for await (const files of watchFiles(folder, signal)) {
    const isApplied = await applyOnce(session, url, files)
    // Before the first read model there is nothing to work on, and no schema to look into.
    if (isApplied) worker ??= workOn(session, url)
  }
  await worker
}

/** One that `dev` has started: who writes the application needs the password, which is only good on this machine. */
function isEmbedded(url: string): boolean {
  return url.includes('@127.0.0.1:') && url.endsWith('/postgres')
}

/** False where something is refused, or nothing is declared yet. */
async function applyOnce(session: Session, url: string, files: readonly string[]): Promise<boolean> {
  const { output, signal } = session
  try {
    const config = await session.loadConfig({ anew: true })
    const changes = await apply(session, config, url)
    if (changes.length > 0 || files.length === 0)
      output.event({ event: 'applied', changes }, (it, style) => renderChanges(it.changes, style))
    return config.models.length + config.refreshed.length + config.jobs.length > 0
  } catch (error) {
    if (!signal.aborted) tellRefusal(session, error)
    return false
  }
}

async function apply(session: Session, config: Config, url: string): Promise<readonly DescribedChange[]> {
  const { signal, output } = session
  return await withOwner(session, { ...config, directUrl: url }, async (client) => {
    const applied = await applyDeclared(client, config, {
      signal,
      onBackfill: ({ name }, done, total) => {
        output.progress.update(name, done, total)
      },
    })
    // Nobody goes back to yesterday's version here, and each costs the writers.
    const former = (await readInstalled(client)).models.filter(({ state }) => state === 'former')
    if (former.length > 0) await prune(client, former, { signal })
    return describeAll(applied)
  })
}

function renderChanges(changes: readonly DescribedChange[], style: Style): string {
  if (changes.length === 0) return 'the database has what is declared'
  return changes.map(({ kind, model }) => `${style.good(kind)}  ${model}`).join('\n')
}

function tellRefusal({ output, cwd }: Session, error: unknown): void {
  const errors = failuresOf(knownError(error), cwd)
  output.event({ event: 'refused', errors }, (it, style) => renderFailures(it.errors, style))
}

async function workOn(session: Session, url: string): Promise<void> {
  const { signal, output } = session
  const totals = newTotals()
  const log = (text: string) => {
    output.event({ event: 'worked', text }, (it) => it.text)
  }
  try {
    await work({
      url,
      signal,
      onEvent: (event) => {
        tell(event, { ...output, log }, totals)
      },
    })
  } catch (error) {
    tellRefusal(session, error)
  }
}
