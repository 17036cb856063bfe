import { join, relative } from 'node:path'
import { Command } from 'commander'
import { schemaFiles } from '../../catalog/schema-files.ts'
import { knownSchemaVersion } from '../../catalog/schema-version.ts'
import type { Config } from '../../define/resolve-config.ts'
import { MillraceError } from '../../errors.ts'
import { findAllChanges } from '../../migrate/all-changes.ts'
import { compileDeclared } from '../../migrate/compile-declared.ts'
import { requireOneHistory, requireUnchanged } from '../../migrate/files/check-files.ts'
import { generate } from '../../migrate/files/generate.ts'
import { schemaParts } from '../../migrate/files/schema-parts.ts'
import { readSnapshot } from '../../migrate/files/snapshot.ts'
import { transitionBetween } from '../../migrate/files/transition.ts'
import { FORMATS } from '../../migrate/formats/formats.ts'
import { installInOrder } from '../../migrate/in-order.ts'
import { install } from '../../migrate/install.ts'
import { upgradeStatements } from '../../migrate/schema.ts'
import { writeWhole } from '../../migrate/write-whole.ts'
import type { Connection } from '../../pg/client.ts'
import { loadParser } from '../../sql/parse.ts'
import { readModels } from '../../work/model.ts'
import { readScheduled } from '../../work/schedule/installed.ts'
import { describeChange, describeScheduledChange } from '../describe-change.ts'
import { withOwner } from '../open-database.ts'
import type { Run, Session } from '../session.ts'
import { version } from '../version.ts'

interface Options {
  readonly sql?: boolean
  readonly write?: boolean
}

const HELP = `
Workers of the older version stop by themselves when the schema is newer: start those of this version afterwards.

Example:
  millrace upgrade
  millrace upgrade --sql > upgrade.sql`

/** `millrace upgrade`: Millrace's own schema, and the functions of installed models, become those of this program. */
export function upgradeCommand(run: Run): Command {
  return new Command('upgrade')
    .description("Brings Millrace's own schema, and what keeps the installed read models, to this version.")
    .option('--sql', 'print the statements for the schema, and run nothing')
    .option('--write', "write them as a migration of the team's own tool, and run nothing")
    .addHelpText('after', HELP)
    .action(({ sql = false, write = false }: Options) =>
      run('upgrade', async (session) => {
        const config = await session.loadConfig()
        if (sql || write) await announce(session, config, write)
        else await upgrade(session, config)
        return 0
      }),
    )
}

async function upgrade(session: Session, config: Config): Promise<void> {
  const done = await withOwner(session, config, async (client) => {
    const { from, to } = await versions(client)
    const { worker, reader } = config.roles
    const options = { roles: { worker, reader }, signal: session.signal, searchPath: config.searchPath }
    await install(client, [], options)
    const { updates, left } = await changesOfUpgrade(client, config)
    await installInOrder(client, updates, options)
    const updated = [...updates.models, ...updates.refreshed].map(
      ({ plan }) => `${plan.model.schema}.${plan.model.name}`,
    )
    return { from, to, updated, left }
  })
  session.output.result(done, ({ from, to, updated, left }, style) =>
    [
      from === to
        ? 'Nothing to upgrade: the schema is of this version.'
        : `${style.good('upgraded')}  millrace, from version ${String(from)} to ${String(to)}`,
      ...updated.map((model) => `${style.good('updated')}   ${model}`),
      ...left.map((change) => `${style.warning('left')}      ${change}: millrace plan shows it`),
    ].join('\n'),
  )
}

/** What has other statements by now and the same rows; and what else is to do, which is no part of an upgrade. */
async function changesOfUpgrade(client: Connection, config: Config) {
  const declared = await compileDeclared(client, config)
  const { changes, onSchedule } = findAllChanges(
    declared,
    await readModels(client),
    await readScheduled(client),
  )
  const others = [
    ...changes.filter(({ kind }) => kind !== 'update').map(describeChange),
    ...onSchedule.filter(({ kind }) => kind !== 'update').map(describeScheduledChange),
  ]
  return {
    updates: {
      models: changes.flatMap((it) => (it.kind === 'update' ? [it.model] : [])),
      refreshed: onSchedule.flatMap((it) => (it.what === 'model' && it.kind === 'update' ? [it.model] : [])),
      jobs: onSchedule.flatMap((it) => (it.what === 'job' && it.kind === 'update' ? [it.job] : [])),
    },
    left: others.map(({ kind, model }) => `${kind} ${model}`),
  }
}

async function announce(session: Session, config: Config, isWritten: boolean): Promise<void> {
  const { from, to } = await withOwner(session, config, versions)
  const statements = await upgradeStatements(from)
  const files = isWritten && from < to ? await writeMigration(config, { from, to }) : []
  session.output.result({ from, to, statements, files }, () => {
    if (from === to) return '-- Nothing to upgrade: the schema is of this version.'
    if (isWritten) return files.map((file) => `written  ${relative(session.cwd, file)}`).join('\n')
    return statements.map((it) => `${it};`).join('\n\n')
  })
}

interface Upgrade {
  readonly from: number
  readonly to: number
}

async function writeMigration(
  { migrations: { format, directory } }: Config,
  { from, to }: Upgrade,
): Promise<readonly string[]> {
  const comment = [`Millrace's own schema, from version ${String(from)} to ${String(to)}.`]
  const [title, at] = [`upgrade_millrace_to_${String(to)}`, new Date()]
  const snapshot = await readSnapshot(directory)
  if (snapshot !== null) {
    // The next migration must know of it.
    await requireOneHistory(directory, snapshot)
    await requireUnchanged(directory, snapshot)
    const state = { ...snapshot, schemaVersion: to }
    const transition = await transitionBetween(snapshot, state)
    const written = { directory, snapshot, to: state, transition, title, at, version: version() }
    return (await generate(written)).files.map((path) => join(directory, path))
  }
  await loadParser()
  const { files } = await FORMATS[format](
    {
      at,
      title,
      header: [
        ...comment,
        'It only goes forward. Run millrace upgrade afterwards: it updates what keeps the read models.',
      ],
      up: await schemaParts(from, to),
      down: [],
    },
    directory,
  )
  for (const { path, text } of files) await writeWhole(join(directory, path), text)
  return files.map(({ path }) => join(directory, path))
}

async function versions(client: Connection): Promise<{ readonly from: number; readonly to: number }> {
  const from = await knownSchemaVersion(client)
  if (from === 0) throw new MillraceError('SCHEMA_NOT_INSTALLED', { hint: 'Run: millrace migrate up' })
  return { from, to: (await schemaFiles()).length }
}
