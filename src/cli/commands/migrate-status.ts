import { Command } from 'commander'
import type { Config } from '../../define/resolve-config.ts'
import { findAllChanges } from '../../migrate/all-changes.ts'
import { compileDeclared } from '../../migrate/compile-declared.ts'
import { readSnapshot } from '../../migrate/files/snapshot.ts'
import { transitionBetween } from '../../migrate/files/transition.ts'
import { findObjectChanges } from '../../migrate/objects/changes.ts'
import { readObjects } from '../../migrate/objects/installed.ts'
import { extensionsOf, findServerChanges } from '../../migrate/server/server.ts'
import type { Client } from '../../pg/client.ts'
import { describeAll, describeTransition, type DescribedChange } from '../describe-change.ts'
import { withOwner } from '../open-database.ts'
import { findSchemaUpgrade, type SchemaUpgrade } from '../../migrate/schema-upgrade.ts'
import { readInstalled, type Installed } from '../../migrate/read-installed.ts'
import type { Run } from '../session.ts'
import type { Style } from '../style.ts'
import { wantedState } from '../wanted-state.ts'
import { filesStatus, hasFiles, type FileStatus } from './migrate-files.ts'

/** `millrace migrate status` */
export function statusCommand(run: Run): Command {
  return new Command('status')
    .description(
      'Shows which migrations have been run, which read models are installed, and what has been declared otherwise since.',
    )
    .addHelpText('after', '\nExample:\n  millrace migrate status --json')
    .action(() =>
      run('migrate status', async (session) => {
        const config = await session.loadConfig()
        const status = await withOwner(session, config, (client) => readStatus(client, config))
        session.output.result(status, render)
        return 0
      }),
    )
}

interface Status {
  readonly schemaVersion: number
  readonly schema: SchemaUpgrade | null
  readonly migrations: readonly FileStatus[]
  readonly isGenerated: boolean
  readonly models: readonly { readonly model: string; readonly state: string }[]
  readonly objects: readonly string[]
  readonly changes: readonly DescribedChange[]
}

async function readStatus(client: Client, config: Config): Promise<Status> {
  const installed = await readInstalled(client)
  // Where there are migrations, what they lack is what matters.
  const generated = (await hasFiles(config)) ? await readSnapshot(config.migrations.directory) : null
  return {
    schemaVersion: installed.version,
    schema: await findSchemaUpgrade(client),
    migrations: await filesStatus(client, config),
    isGenerated: generated !== null,
    models: installed.models.map(({ schema, name, state }) => ({
      model: `${schema}.${name}`,
      state,
    })),
    objects: (await readObjects(client)).map(({ name }) => name),
    changes:
      generated === null
        ? await changesOf(client, config, installed)
        : describeTransition(
            await transitionBetween(generated, (await wantedState(client, config, generated)).to),
          ),
  }
}

async function changesOf(
  client: Client,
  config: Config,
  { models, scheduled }: Installed,
): Promise<readonly DescribedChange[]> {
  const server = await findServerChanges(client, config)
  const declared = await compileDeclared(client, { ...config, prepare: extensionsOf(server) })
  return describeAll({
    server,
    objects: findObjectChanges(declared.objects, await readObjects(client)),
    ...findAllChanges(declared, models, scheduled),
  })
}

function render({ models, objects, schema, changes, migrations, isGenerated }: Status, style: Style): string {
  const to = isGenerated ? 'to generate: ' : 'to '
  return [
    ...migrations.map(({ name, state }) => `${state.padEnd(8)}  ${name}`),
    ...(migrations.length === 0 ? [] : ['']),
    ...models.map(({ model, state }) => `${state.padEnd(8)}  ${model}`),
    ...objects.map((name) => `made      object ${name}`),
    ...(models.length === 0 ? ['No read model is installed.'] : []),
    '',
    ...(schema === null ? [] : [`to upgrade  ${style.strong('millrace')}`]),
    ...changes.map(({ kind, model }) => `${to}${kind}  ${style.strong(model)}`),
    ...(schema === null && changes.length === 0 ? ['Nothing to do.'] : []),
  ].join('\n')
}
