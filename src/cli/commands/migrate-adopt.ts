import { Command } from 'commander'
import type { Config } from '../../define/resolve-config.ts'
import { MillraceError } from '../../errors.ts'
import { adoptState } from '../../migrate/files/adopt.ts'
import { readHistory } from '../../migrate/files/apply.ts'
import { requireOneHistory, requireUnchanged } from '../../migrate/files/check-files.ts'
import { requireSound } from '../../migrate/files/history.ts'
import { recordAll } from '../../migrate/files/ledger.ts'
import type { Pair } from '../../migrate/files/pairs.ts'
import { readSnapshot, type Snapshot } from '../../migrate/files/snapshot.ts'
import type { Client } from '../../pg/client.ts'
import { withOwner } from '../open-database.ts'
import type { Run, Session } from '../session.ts'
import { version } from '../version.ts'

interface Adopted {
  /** Migrations that are noted as run. */
  readonly adopted: readonly string[]
  /** Read models that are kept by the statements of the migrations from now on. */
  readonly updated: readonly string[]
}

/** `millrace migrate adopt`: a database that was installed directly goes over to files. */
export function adoptCommand(run: Run): Command {
  return new Command('adopt')
    .description(
      'Notes migrations as run in a database that was installed directly, if it is in the state that they lead to.',
    )
    .argument('[migration...]', 'migrations of your own that have been run here by other means')
    .addHelpText(
      'after',
      '\nExample:\n  millrace migrate adopt\n\nThe migrations are written first: millrace generate baseline',
    )
    .action((own: readonly string[]) =>
      run('migrate adopt', async (session) => {
        const config = await session.loadConfig()
        const adopted = await adopt(session, config, own)
        session.output.result(adopted, (it, style) =>
          [
            ...it.updated.map((name) => `${style.good('updated')}  ${name}`),
            ...it.adopted.map((name) => `${style.good('adopted')}  ${name}`),
            ...(it.adopted.length === 0 ? ['Nothing to do.'] : []),
            ...(config.migrations.format === 'sql' || it.adopted.length === 0
              ? []
              : [`Now tell ${config.migrations.format} that it has run them: docs/migrations.md says how.`]),
          ].join('\n'),
        )
        return 0
      }),
    )
}

async function adopt(session: Session, config: Config, own: readonly string[]): Promise<Adopted> {
  const { format, directory } = config.migrations
  const snapshot = await generatedSnapshot(directory)
  const { worker, reader } = config.roles
  return await withOwner(session, config, async (client) => {
    const pending = format === 'sql' ? await pendingPairs(client, directory, snapshot, own) : []
    const updated = await adoptState(client, snapshot, { roles: { worker, reader }, signal: session.signal })
    await recordAll(client, pending, version())
    const adopted = format === 'sql' ? pending : snapshot.migrations
    return { adopted: adopted.map(({ name }) => name), updated }
  })
}

async function generatedSnapshot(directory: string): Promise<Snapshot> {
  const snapshot = await readSnapshot(directory)
  if (snapshot === null || snapshot.migrations.length === 0) {
    throw new MillraceError('MIGRATION_UNKNOWN', {
      detail: `nothing has been generated in ${directory}`,
      hint: 'Run: millrace generate baseline',
    })
  }
  await requireOneHistory(directory, snapshot)
  await requireUnchanged(directory, snapshot)
  return snapshot
}

/** Of what was not generated nobody can tell whether it has been run. */
async function pendingPairs(
  client: Client,
  directory: string,
  { migrations }: Snapshot,
  own: readonly string[],
): Promise<readonly Pair[]> {
  const history = await readHistory(client, directory)
  requireSound(history)
  const pending = history.flatMap(({ state, pair }) => (state === 'pending' && pair !== null ? [pair] : []))
  const isKnown = ({ name }: Pair) => own.includes(name) || migrations.some((it) => it.name === name)
  const unknown = pending.filter((it) => !isKnown(it)).map(({ name }) => name)
  if (unknown.length === 0) return pending
  throw new MillraceError('MIGRATION_UNKNOWN', {
    detail: `nobody can tell whether they have been run here: ${unknown.join(', ')}`,
    hint: `If they have been: millrace migrate adopt ${unknown.join(' ')}`,
  })
}
