import { Command } from 'commander'
import type { Config } from '../../define/resolve-config.ts'
import { applyDeclared } from '../../migrate/apply-declared.ts'
import { removeInstalled } from '../../migrate/remove-installed.ts'
import { MillraceError } from '../../errors.ts'
import { knownSchemaVersion } from '../../catalog/schema-version.ts'
import type { Connection } from '../../pg/client.ts'
import { findObjectChanges } from '../../migrate/objects/changes.ts'
import { readObjects } from '../../migrate/objects/installed.ts'
import {
  askedLine,
  describeAll,
  describeChange,
  describeObjectChange,
  describeScheduledChange,
  type DescribedChange,
} from '../describe-change.ts'
import { pickInstalled } from '../installed-scheduled.ts'
import { downFromFiles, hasFiles, renderUp, upFromFiles, type DownOptions } from './migrate-files.ts'
import { withOwner } from '../open-database.ts'
import type { Run, Session } from '../session.ts'
import { adoptCommand } from './migrate-adopt.ts'
import { backCommand } from './migrate-back.ts'
import { statusCommand } from './migrate-status.ts'
import { pruneCommand } from './migrate-prune.ts'
import { releaseCommand } from './migrate-release.ts'
import { type SchemaUpgrade } from '../../migrate/schema-upgrade.ts'
import { wholeNumber } from '../number-option.ts'
import type { Style } from '../style.ts'

/** `millrace migrate up|down|status`. */
export function migrateCommand(run: Run): Command {
  return new Command('migrate')
    .description('Makes the database have what is declared, or takes it away again.')
    .addCommand(upCommand(run))
    .addCommand(downCommand(run))
    .addCommand(statusCommand(run))
    .addCommand(adoptCommand(run))
    .addCommand(backCommand(run))
    .addCommand(pruneCommand(run))
    .addCommand(releaseCommand(run))
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  millrace migrate up')
}

function upCommand(run: Run): Command {
  return new Command('up')
    .description(
      'Runs the migrations that wait; where there are none, installs what is declared and removes what is not any more. Goes on where it was interrupted.',
    )
    .option(
      '--pause <ms>',
      'leave the database alone for so long between two portions of a backfill',
      wholeNumber(0),
    )
    .addHelpText('after', '\nExample:\n  millrace migrate up --pause 50')
    .action(({ pause }: { readonly pause?: number }) =>
      run('migrate up', async (session) => {
        const config = await session.loadConfig()
        if (await hasFiles(config)) {
          const done = await withOwner(session, config, (client) =>
            upFromFiles(client, config, session, pause),
          )
          session.output.result(done, renderUp)
          return 0
        }
        const migrated = await withOwner(session, config, (client) =>
          migrateUp(client, config, session, pause),
        )
        session.output.result(migrated, (it, style) => renderMigrated(it, style))
        return 0
      }),
    )
}

interface Migrated {
  /** From which version Millrace's own schema was brought to this program's; null if it had nothing to do. */
  readonly schema: SchemaUpgrade | null
  readonly changes: readonly DescribedChange[]
}

async function migrateUp(
  client: Connection,
  config: Config,
  { signal, output }: Session,
  pauseMs: number | undefined,
): Promise<Migrated> {
  const applied = await applyDeclared(client, config, {
    signal,
    pauseMs,
    onBackfill: ({ name }, done, total) => {
      output.progress.update(name, done, total)
    },
    onAsked: (it) => {
      output.log(askedLine(it))
    },
  })
  return { schema: applied.schema, changes: describeAll(applied) }
}

function downCommand(run: Run): Command {
  return new Command('down')
    .description(
      'Undoes the last migration; where there are none, removes read models, with the last one everything that Millrace made.',
    )
    .argument(
      '[model...]',
      'where there are no migrations: names of read models; all of them if none is given',
    )
    .option('--to <migration>', 'undo all that came after this one')
    .option('--all', 'undo all migrations')
    .addHelpText('after', '\nExample:\n  millrace migrate down feed_projects')
    .action((names: readonly string[], options: DownOptions) =>
      run('migrate down', async (session) => {
        const config = await session.loadConfig()
        const isFromFiles = await hasFiles(config)
        requireMatch(names, options, isFromFiles)
        if (isFromFiles) {
          const undone = await withOwner(session, config, (client) =>
            downFromFiles(client, config, session, options),
          )
          session.output.result({ undone }, (it, style) =>
            it.undone.length === 0
              ? 'Nothing to do.'
              : it.undone.map((name) => `${style.good('undone')}  ${name}`).join('\n'),
          )
          return 0
        }
        const changes = await withOwner(session, config, async (client) => {
          if ((await knownSchemaVersion(client)) === 0 && names.length === 0) return []
          const picked = await pickInstalled(client, names)
          const { signal } = session
          const objects = names.length === 0 ? findObjectChanges([], await readObjects(client)) : []
          await removeInstalled(client, { ...picked, objects }, { searchPath: config.searchPath, signal })
          return [
            ...objects.map((it) => describeObjectChange(it)),
            ...picked.models.map((it) => describeChange({ kind: 'remove', installed: it })),
            ...picked.scheduled.map((it) =>
              describeScheduledChange({ what: 'installed', kind: 'remove', installed: it }),
            ),
          ]
        })
        session.output.result({ changes }, (it, style) => renderChanges(it.changes, style))
        return 0
      }),
    )
}

function requireMatch(names: readonly string[], { to }: DownOptions, isFromFiles: boolean): void {
  if (isFromFiles && names.length > 0) {
    throw new MillraceError('BAD_USAGE', {
      detail: 'migrations are undone as a whole, and not by the names of read models',
      hint: 'Take the read model out of the configuration, and run: millrace generate NAME',
    })
  }
  if (!isFromFiles && to !== undefined) {
    throw new MillraceError('BAD_USAGE', {
      detail: 'there are no migrations',
      hint: 'Without --to it removes read models, all of them or those that are named.',
    })
  }
}

const DONE: Readonly<Record<DescribedChange['kind'], string>> = {
  create: 'created',
  finish: 'finished',
  update: 'updated',
  reindex: 'updated',
  restore: 'restored',
  renew: 'replaced',
  prune: 'pruned',
  replace: 'replaced',
  remove: 'removed',
}

function renderMigrated({ schema, changes }: Migrated, style: Style): string {
  if (schema === null) return renderChanges(changes, style)
  const { from, to } = schema
  const upgraded = `${style.good('upgraded')}  millrace, from version ${String(from)} to ${String(to)}`
  return [upgraded, ...(changes.length === 0 ? [] : [renderChanges(changes, style)])].join('\n')
}

function renderChanges(changes: readonly DescribedChange[], style: Style): string {
  if (changes.length === 0) return 'Nothing to do.'
  return changes.map(({ kind, model }) => `${style.good(DONE[kind])}  ${model}`).join('\n')
}
