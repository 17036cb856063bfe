import { throwProblems } from '../define/problems.ts'
import type { Config } from '../define/resolve-config.ts'
import type { Client, Connection } from '../pg/client.ts'
import type { Plan } from '../compile/plan.ts'
import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { InstalledPlan } from '../work/model.ts'
import type { Scheduled } from '../work/schedule/installed.ts'
import { findAllChanges, type AllChanges } from './all-changes.ts'
import { isKept, isMaking, type Change } from './changes.ts'
import { compileDeclared, type CompiledDeclarations } from './compile-declared.ts'
import type { CompiledModel } from './compile-model.ts'
import { installInOrder, removeInOrder } from './in-order.ts'
import { install, type InstallOptions } from './install.ts'
import { findCallers } from './objects/callers.ts'
import { findObjectChanges, type ObjectChange } from './objects/changes.ts'
import { readObjects } from './objects/installed.ts'
import { runInOpen, runObjectSteps } from './objects/run.ts'
import { objectSteps } from './objects/steps.ts'
import { preflight } from './preflight.ts'
import { preflightRefreshed } from './preflight-scheduled.ts'
import { prune } from './prune.ts'
import { rehearseChanges } from './rehearsal.ts'
import type { Roles } from './roles.sql.ts'
import type { ScheduledChange } from './scheduled-changes.ts'
import { readInstalled } from './read-installed.ts'
import { findSchemaUpgrade, type SchemaUpgrade } from './schema-upgrade.ts'
import { findServerChanges, runServerSteps, type ServerChanges } from './server/server.ts'

export interface ApplyOptions extends Pick<InstallOptions, 'signal' | 'pauseMs' | 'onBackfill'> {
  /** Called with each setting that only somebody else can make. */
  readonly onAsked?: ((asked: ServerChanges['asked'][number]) => void) | undefined
}

/** What was changed, kind by kind. */
export interface Applied extends AllChanges {
  /** From which version Millrace's own schema was brought to this program's; null if it had nothing to do. */
  readonly schema: SchemaUpgrade | null
  readonly server: ServerChanges
  readonly objects: readonly ObjectChange[]
  /** Read models that call what an object makes, by its name: their rows have what it gave before. */
  readonly callers: ReadonlyMap<string, readonly string[]>
}

/** Kinds of changes by which something is built that could not be. */
const NEW: readonly Change['kind'][] = ['create', 'replace', 'renew', 'reindex']

/**
 * Makes the database have what the configuration declares, and nothing of Millrace that it does not. Refusals come before
 * anything is removed. Interrupted, it goes on where it was when it is called again.
 */
export async function applyDeclared(
  client: Connection,
  config: Config,
  { signal, pauseMs, onBackfill, onAsked = () => undefined }: ApplyOptions,
): Promise<Applied> {
  // First, for queries may name what extensions bring.
  const server = await findServerChanges(client, config)
  await runServerSteps(client, server.steps, signal)
  server.asked.forEach(onAsked)
  const { searchPath, roles: names } = config
  const roles = { worker: names.worker, reader: names.reader }
  const declared = await compileDeclared(client, config)
  const schema = await findSchemaUpgrade(client)
  const standing = await readInstalled(client)
  const { changes, onSchedule } = findAllChanges(declared, standing.models, standing.scheduled)
  await requireInstallable(client, declared, { changes, onSchedule }, roles)

  const objects = findObjectChanges(declared.objects, await readObjects(client))
  const own = objectSteps(objects)
  const callers =
    schema === null && standing.version > 0
      ? await findCallers(client, objects, declared.objects)
      : new Map<string, readonly string[]>()
  const how = { searchPath, signal, isAtOnce: own.isAtOnce }
  const isObjectsOnly = changes.length + onSchedule.length === 0
  // An older schema of Millrace's own has no versions.
  if (schema === null) {
    const first = () => runInOpen(client, own.aside, searchPath)
    await rehearseChanges(client, { changes, onSchedule }, standing.models, { first, signal })
  }

  // With no models it installs what they stand on.
  if (schema !== null) await install(client, [], { roles, signal })
  await runObjectSteps(client, isObjectsOnly ? [...own.before, ...own.after] : own.before, how)
  const pruned = changes.flatMap((it) => (it.kind === 'prune' ? [it.installed] : []))
  if (pruned.length > 0) await prune(client, pruned, { signal })
  const removed = changes.flatMap((it) =>
    it.kind === 'remove' || it.kind === 'renew' ? [it.installed].filter(isKept) : [],
  )
  await removeInOrder(client, { models: removed, scheduled: takenFromSchedule(onSchedule) }, { signal })
  await installInOrder(client, made({ changes, onSchedule }), {
    roles,
    signal,
    pauseMs,
    searchPath,
    onBackfill,
  })
  if (!isObjectsOnly) await runObjectSteps(client, own.after, how)
  return { schema, server, objects, callers, changes, onSchedule }
}

/** Before anything is removed: what could not be installed anew must stay. */
async function requireInstallable(
  client: Client,
  declared: CompiledDeclarations,
  { changes, onSchedule }: AllChanges,
  roles: Roles,
): Promise<void> {
  const isNew = ({ plan }: CompiledModel) =>
    changes.some((it) => NEW.includes(it.kind) && isMaking(it) && it.model.plan === plan)
  const newOnes = onSchedule.flatMap((it) =>
    it.what === 'model' && (it.kind === 'create' || it.kind === 'replace') ? [it.model] : [],
  )
  const freed = [
    ...changes.flatMap((it) => (it.kind === 'create' || !('installed' in it) ? [] : [it.installed.plan])),
    ...onSchedule.flatMap((it) => ('installed' in it ? plansOf(it.installed) : [])),
  ]
  throwProblems([
    ...(await preflight(client, declared.models.filter(isNew), roles, freed)),
    ...(await preflightRefreshed(client, newOnes, roles, freed)),
  ])
}

function made({ changes, onSchedule }: AllChanges): Parameters<typeof installInOrder>[1] {
  return {
    models: changes.flatMap((it) => (isMaking(it) ? [it.model] : [])),
    refreshed: onSchedule.flatMap((it) => (it.what === 'model' ? [it.model] : [])),
    jobs: onSchedule.flatMap((it) => (it.what === 'job' ? [it.job] : [])),
  }
}

function plansOf(it: InstalledPlan | Scheduled): readonly (Plan | RefreshPlan)[] {
  if ('plan' in it) return [it.plan]
  return it.kind === 'refresh' ? [it.model.plan] : []
}

function takenFromSchedule(changes: readonly ScheduledChange[]): readonly Scheduled[] {
  return changes.flatMap((it) => (it.kind === 'remove' || it.kind === 'renew' ? [it.installed] : []))
}
