import { MillraceError } from '../../errors.ts'
import type { Client, Connection } from '../../pg/client.ts'
import { displayName } from '../../sql/names.ts'
import { loadParser } from '../../sql/parse.ts'
import { findAllChanges, type AllChanges } from '../all-changes.ts'
import { installInOrder } from '../in-order.ts'
import type { InstallOptions } from '../install.ts'
import { findObjectChanges } from '../objects/changes.ts'
import { readObjects } from '../objects/installed.ts'
import { readInstalled } from '../read-installed.ts'
import { changedName } from '../scheduled-changes.ts'
import { readLedger } from './ledger.ts'
import type { Snapshot } from './snapshot.ts'
import { declarationsOf, type State } from './state.ts'

/** Refuses to run files that would make what the database has from elsewhere. */
export async function requireAdopted(client: Client, { migrations }: Snapshot): Promise<void> {
  const { version } = await readInstalled(client)
  const ledger = await readLedger(client)
  if (version === 0 || migrations.some(({ name }) => ledger.some((it) => it.name === name))) return
  throw new MillraceError('NOT_ADOPTED', {
    detail: `read models were installed directly, and none of the migrations has been run`,
    hint: 'Run: millrace migrate adopt',
  })
}

/**
 * Makes sure that a database that was installed directly is in the state to which its migrations lead. Read models with the same
 * rows that are kept by other statements (another program made them, or another database has numbered its columns otherwise) get those
 * of the migrations, with which the next one must agree. → their names
 */
export async function adoptState(
  client: Connection,
  state: State,
  options: InstallOptions,
): Promise<readonly string[]> {
  await loadParser()
  const declared = declarationsOf(state)
  const { version, models, scheduled } = await readInstalled(client)
  // Versions that were in use before are in the way of nothing.
  const used = models.filter((it) => it.state !== 'former')
  const { changes, onSchedule } = findAllChanges(declared, used, scheduled)
  const objects = findObjectChanges(declared.objects, await readObjects(client))
  const differing = [
    ...(version === state.schemaVersion
      ? []
      : [
          `its schema is of version ${String(version)}, and theirs of version ${String(state.schemaVersion)}`,
        ]),
    ...describe({ changes, onSchedule }),
    ...objects.map(
      (it) => `to ${it.kind} object ${it.kind === 'remove' ? it.installed.name : it.object.name}`,
    ),
  ]
  if (differing.length > 0) throw differs(differing)
  const updates = {
    models: changes.flatMap((it) => (it.kind === 'update' ? [it.model] : [])),
    refreshed: onSchedule.flatMap((it) => (it.what === 'model' ? [it.model] : [])),
    jobs: onSchedule.flatMap((it) => (it.what === 'job' ? [it.job] : [])),
  }
  await installInOrder(client, updates, { ...options, searchPath: state.searchPath ?? undefined })
  return [...updates.models, ...updates.refreshed].map(({ plan }) => displayName(plan.model))
}

/** All that is more than another way to keep the same rows. */
function describe({ changes, onSchedule }: AllChanges): readonly string[] {
  return [
    ...changes
      .filter(({ kind }) => kind !== 'update')
      .map((it) => {
        const name = 'model' in it ? displayName(it.model.definition) : displayName(it.installed)
        return `to ${it.kind} ${name}`
      }),
    ...onSchedule.filter(({ kind }) => kind !== 'update').map((it) => `to ${it.kind} ${changedName(it)}`),
  ]
}

function differs(differing: readonly string[]): MillraceError {
  return new MillraceError('STATE_DIFFERS', {
    detail: differing.join('; '),
    hint: 'Generate the first migration against this database, with the declarations that it was installed from.',
  })
}
