import { Command } from 'commander'
import { knownSchemaVersion } from '../../catalog/schema-version.ts'
import { MillraceError } from '../../errors.ts'
import { forgetMigrations } from '../../migrate/files/ledger.ts'
import { readSnapshot } from '../../migrate/files/snapshot.ts'
import { removeInOrder } from '../../migrate/in-order.ts'
import { remove } from '../../migrate/install.ts'
import { FORGET_REPLACED } from '../../migrate/set-aside.sql.ts'
import { mayStay } from '../../migrate/keep-table.sql.ts'
import type { Connection } from '../../pg/client.ts'
import { drainAndRefresh } from '../../work/drain-and-refresh.ts'
import { AT_TERMINAL } from '../ask.ts'
import { findObjectChanges } from '../../migrate/objects/changes.ts'
import { readObjects } from '../../migrate/objects/installed.ts'
import { runInOpen, runObjectSteps } from '../../migrate/objects/run.ts'
import { rehearseRemoval } from '../../migrate/rehearsal.ts'
import { readAllPlans } from '../../work/model.ts'
import { objectSteps } from '../../migrate/objects/steps.ts'
import type { Config } from '../../define/resolve-config.ts'
import { pickInstalled } from '../installed-scheduled.ts'
import { withOwner } from '../open-database.ts'
import type { Run, Session } from '../session.ts'

interface Options {
  readonly keepTables?: boolean
  readonly drop?: boolean
  readonly yes?: boolean
}

/** `millrace uninstall`: leaves the read models as plain tables, or nothing. */
export function uninstallCommand(run: Run): Command {
  return new Command('uninstall')
    .description('Takes Millrace out of the database. The read models stay as plain tables, or go with it.')
    .option('--keep-tables', 'leave the rows as tables under the names of the read models')
    .option('--drop', 'remove the read models as well')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  millrace uninstall --keep-tables --yes')
    .action((options: Options) =>
      run('uninstall', async (session) => {
        const config = await session.loadConfig()
        const keep = await decide(session, options)
        const outcome = await withOwner(session, config, (client) => uninstall(client, session, config, keep))
        session.output.result(outcome, ({ kept, removed }, style) =>
          [
            ...kept.map((name) => `${style.good('kept')}     ${name}, as a plain table`),
            ...removed.map((name) => `${style.good('removed')}  ${name}`),
            'Millrace is no more in this database.',
          ].join('\n'),
        )
        return 0
      }),
    )
}

interface Uninstalled {
  readonly kept: readonly string[]
  readonly removed: readonly string[]
}

async function uninstall(
  client: Connection,
  { signal }: Session,
  { searchPath, migrations }: Config,
  keep: boolean,
): Promise<Uninstalled> {
  if ((await knownSchemaVersion(client)) === 0) return { kept: [], removed: [] }
  if (keep) await client.query(FORGET_REPLACED)
  const installed = await pickInstalled(client, [])
  const own = await ownSteps(client, keep)
  const first = () => runInOpen(client, own.before, searchPath)
  await rehearseRemoval(client, await readAllPlans(client), { first, keep, signal })
  if (keep) await client.query('delete from millrace.object')
  // What stays shall be what the queries say now.
  if (keep) await drainAndRefresh(client, installed.models, { signal })
  await runObjectSteps(client, own.before, { searchPath, signal })
  await removeInOrder(client, installed, { signal, keep })
  await runObjectSteps(client, own.after, { searchPath, signal })
  // Without a model there may still be what an interrupted installation began with.
  if (installed.models.length + installed.scheduled.length === 0) await remove(client, [], { signal })
  const generated = (await readSnapshot(migrations.directory))?.migrations ?? []
  await forgetMigrations(
    client,
    generated.map(({ name }) => name),
  )
  const refreshed = installed.scheduled.flatMap((it) => (it.kind === 'refresh' ? [it.model] : []))
  const plans = [...installed.models, ...refreshed].map(({ plan }) => plan)
  const names = (isKept: boolean) =>
    plans
      .filter((plan) => (keep && mayStay(plan)) === isKept)
      .map(({ model: { schema, name } }) => `${schema}.${name}`)
  return { kept: names(true), removed: names(false) }
}

/** Functions, views and triggers of the user's own: where tables stay they stay too, and only their record goes. */
async function ownSteps(client: Connection, keep: boolean) {
  return keep ? { before: [], after: [] } : objectSteps(findObjectChanges([], await readObjects(client)))
}

/** True: the tables stay. */
async function decide(session: Session, options: Options): Promise<boolean> {
  const { keepTables = false, drop = false, yes = false } = options
  if (keepTables && drop) throw undecided('--keep-tables and --drop exclude each other')
  const isSaid = keepTables || drop
  if (isSaid && yes) return keepTables
  if (yes || !isAtTerminal(session))
    throw undecided('it is not said for sure what becomes of the read models')
  const answer = await AT_TERMINAL.one(
    'Take Millrace out of this database?',
    CHOICES.filter(({ value }) => !isSaid || value === 'cancel' || (value === 'keep') === keepTables),
  )
  if (answer === 'cancel') throw new MillraceError('INTERRUPTED', { hint: 'Nothing was changed.' })
  return answer === 'keep'
}

const CHOICES = [
  { value: 'cancel', label: 'No, leave everything as it is' },
  { value: 'keep', label: 'Yes, and leave the read models as plain tables' },
  { value: 'drop', label: 'Yes, with the read models' },
]

function isAtTerminal({ stdin, output }: Session): boolean {
  return stdin.isTTY === true && process.stdin.isTTY && process.stdout.isTTY && !output.isJson
}

function undecided(detail: string): MillraceError {
  return new MillraceError('BAD_USAGE', {
    detail,
    hint: 'Run: millrace uninstall --keep-tables --yes, or millrace uninstall --drop --yes',
  })
}
