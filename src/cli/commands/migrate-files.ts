import type { MigrationFormat } from '../../define/migration-format.ts'
import type { Config } from '../../define/resolve-config.ts'
import { MillraceError } from '../../errors.ts'
import { requireAdopted } from '../../migrate/files/adopt.ts'
import { applyFiles, readHistory } from '../../migrate/files/apply.ts'
import { finishBuilt } from '../../migrate/files/finish-built.ts'
import { finishObjects } from '../../migrate/files/finish-objects.ts'
import type { HistoryEntry } from '../../migrate/files/history.ts'
import { readPairs } from '../../migrate/files/pairs.ts'
import { readSnapshot, type Snapshot } from '../../migrate/files/snapshot.ts'
import { requireOneHistory } from '../../migrate/files/check-files.ts'
import { undoFiles, type Undone } from '../../migrate/files/undo.ts'
import { readExtensions } from '../../migrate/server/extensions.ts'
import { findServerChanges } from '../../migrate/server/server.ts'
import { LOCK_RETRY } from '../../migrate/lock-retry.ts'
import { schemaVersion } from '../../catalog/schema-version.ts'
import type { Client, Connection } from '../../pg/client.ts'
import { readPlans } from '../../work/model.ts'
import { askedLine } from '../describe-change.ts'
import type { Session } from '../session.ts'
import type { Style } from '../style.ts'
import { version } from '../version.ts'

/** Whether files say what a database must have, and not the declarations. */
export async function hasFiles({ migrations: { format, directory } }: Config): Promise<boolean> {
  return format !== 'sql' || (await readPairs(directory)).length > 0
}

export interface UpFromFiles {
  /** Migrations that were run. */
  readonly applied: readonly string[]
  /** Read models that were filled, and have their names now; objects that read them. */
  readonly finished: readonly string[]
}

/** Runs the files that wait, where that is Millrace's to do, and then what files cannot. */
export async function upFromFiles(
  client: Connection,
  config: Config,
  session: Session,
  pauseMs: number | undefined,
): Promise<UpFromFiles> {
  const { format, directory } = config.migrations
  const snapshot = await readSnapshot(directory)
  if (snapshot !== null) await requireOneHistory(directory, snapshot)
  if (format === 'sql' && snapshot !== null) await requireAdopted(client, snapshot)
  // An extension that cannot be had is told before anything is done.
  const { asked } = await findServerChanges(client, config)
  const applied =
    format !== 'sql'
      ? []
      : await applyFiles(client, directory, { ...runOptions(session), version: version() })
  for (const it of asked) session.output.log(askedLine(it))
  const finished = await finish(client, config, session, pauseMs)
  if (format !== 'sql') await requireRun(client, format, snapshot)
  return { applied, finished }
}

/** Goes on with what is being built, whoever has begun it. */
async function finish(
  client: Connection,
  { roles: { worker, reader }, searchPath }: Config,
  { signal, output }: Session,
  pauseMs?: number,
): Promise<readonly string[]> {
  const models = await finishBuilt(client, {
    roles: { worker, reader },
    signal,
    pauseMs,
    onBackfill: ({ name }, done, total) => {
      output.progress.update(name, done, total)
    },
  })
  return [...models, ...(await finishObjects(client, { signal, searchPath }))]
}

export function renderUp({ applied, finished }: UpFromFiles, style: Style): string {
  if (applied.length + finished.length === 0) return 'Nothing to do.'
  return [
    ...applied.map((name) => `${style.good('applied')}   ${name}`),
    ...finished.map((name) => `${style.good('finished')}  ${name}`),
  ].join('\n')
}

/** What each tool's users type. */
const COMMANDS: Readonly<Record<Exclude<MigrationFormat, 'sql'>, string>> = {
  prisma: 'prisma migrate deploy',
  drizzle: 'drizzle-kit migrate',
  knex: 'knex migrate:latest',
  kysely: 'kysely migrate latest',
  'node-pg-migrate': 'node-pg-migrate up',
  'graphile-migrate': 'graphile-migrate migrate',
}

/** Another tool runs the files: what they make must be there before anything of it can be finished. */
async function requireRun(
  client: Client,
  format: Exclude<MigrationFormat, 'sql'>,
  snapshot: Snapshot | null,
): Promise<void> {
  if (snapshot === null) {
    throw new MillraceError('MIGRATIONS_WAIT', {
      detail: `nothing has been generated for ${format}`,
      hint: 'Run: millrace generate NAME',
    })
  }
  const made = (await schemaVersion(client)) === 0 ? [] : await readPlans(client)
  const missing = [
    ...(await readExtensions(client, snapshot.server.extensions))
      .filter(({ isInstalled }) => !isInstalled)
      .map(({ name }) => `extension ${name}`),
    ...snapshot.models
      .filter(({ storage }) => !made.some((it) => it.storage === storage))
      .map(({ schema, name }) => `${schema}.${name}`),
  ]
  if (missing.length === 0) return
  throw new MillraceError('MIGRATIONS_WAIT', {
    detail: `not in this database: ${missing.join(', ')}`,
    hint: `Run ${COMMANDS[format]}, and then millrace migrate up again.`,
  })
}

export interface DownOptions {
  readonly to?: string
  readonly all?: boolean
}

/** Undoes the last migration, or those that came after one, or all. */
export async function downFromFiles(
  client: Connection,
  config: Config,
  session: Session,
  { to, all = false }: DownOptions,
): Promise<readonly string[]> {
  const { format, directory } = config.migrations
  if (format !== 'sql') {
    throw new MillraceError('BAD_USAGE', {
      detail: `migrations in the format of ${format} are undone by that tool, or by their own down file`,
      hint: `docs/migrations.md says how, for each tool.`,
    })
  }
  if (to !== undefined && all) {
    throw new MillraceError('BAD_USAGE', {
      detail: '--to and --all exclude each other',
      hint: 'Write one of them.',
    })
  }
  const which: Undone = all
    ? { kind: 'all' }
    : to === undefined
      ? { kind: 'last' }
      : { kind: 'after', name: to }
  const undone = await undoFiles(client, directory, which, runOptions(session))
  // What had been removed is made again, and must be filled.
  await finish(client, config, session)
  return undone
}

function runOptions({ output, signal }: Session) {
  return {
    lock: { ...LOCK_RETRY, signal },
    onStatement: (name: string, done: number, total: number) => {
      signal.throwIfAborted()
      output.progress.update(name, done, total)
    },
  }
}

/** The migrations of the directory and of the ledger; none where another tool runs them. */
export async function filesStatus(
  client: Client,
  { migrations: { format, directory } }: Config,
): Promise<readonly FileStatus[]> {
  if (format !== 'sql') return []
  return (await readHistory(client, directory)).map(statusOf)
}

export interface FileStatus {
  readonly name: string
  readonly state: HistoryEntry['state']
  readonly appliedAt: string | null
  readonly durationMs: number | null
}

function statusOf({ name, state, applied }: HistoryEntry): FileStatus {
  const appliedAt = applied === null ? null : applied.appliedAt.toISOString()
  return { name, state, appliedAt, durationMs: applied?.durationMs ?? null }
}
