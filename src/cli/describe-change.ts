import { isMaking, type Change } from '../migrate/changes.ts'
import type { Transition } from '../migrate/files/transition.ts'
import type { ObjectChange } from '../migrate/objects/changes.ts'
import type { AskedSetting, ServerChanges } from '../migrate/server/server.ts'
import { changedName, type ScheduledChange } from '../migrate/scheduled-changes.ts'

export interface DescribedChange {
  readonly kind: Change['kind']
  /** A read model by its name, a job as `job cleanup`, an object of the user's as `object slugify`. */
  readonly model: string
  /** What those who read the model will notice; null where they notice nothing. */
  readonly consequence: string | null
}

const CONSEQUENCES: Readonly<Record<Change['kind'], string | null>> = {
  create: null,
  finish: null,
  update: null,
  reindex: null,
  replace:
    'a new version is built beside the one that is read, takes its place when it is complete, and leaves it there until `millrace migrate prune`',
  restore: 'the version that was in use before takes its place again, at once',
  renew:
    'it is removed, and then installed anew: from its removal until it is filled again nobody can read it, and what depends on it must be dropped before',
  prune: null,
  remove: 'nobody can read it any more, and what depends on it must be dropped before',
}

/** All changes, in the order in which they are told. */
export function describeAll({
  server,
  objects,
  changes,
  onSchedule,
  callers,
}: {
  readonly server?: Pick<ServerChanges, 'steps'>
  readonly objects: readonly ObjectChange[]
  readonly changes: readonly Change[]
  readonly onSchedule: readonly ScheduledChange[]
  /** Read models that call what an object makes, by its name. */
  readonly callers?: ReadonlyMap<string, readonly string[]> | undefined
}): readonly DescribedChange[] {
  return [
    ...(server === undefined ? [] : describeServerChanges(server)),
    ...objects.map((it) => describeObjectChange(it, callers)),
    ...changes.map(describeChange),
    ...onSchedule.map(describeScheduledChange),
  ]
}

/** A change by its kind and the name of its read model. */
export function describeChange(change: Change): DescribedChange {
  const { schema, name } = isMaking(change) ? change.model.definition : change.installed
  const version = change.kind === 'prune' ? ` (version ${String(change.installed.plan.version)})` : ''
  return { kind: change.kind, model: `${schema}.${name}${version}`, consequence: CONSEQUENCES[change.kind] }
}

/** The same for what is done on a schedule. */
export function describeScheduledChange(change: ScheduledChange): DescribedChange {
  const isJob =
    change.what === 'job' || (change.what === 'installed' && change.installed.kind === 'statement')
  return {
    kind: change.kind,
    model: changedName(change),
    consequence: isJob ? null : CONSEQUENCES[change.kind],
  }
}

/** The same for objects of the user's. */
export function describeObjectChange(
  change: ObjectChange,
  callers: ReadonlyMap<string, readonly string[]> = new Map(),
): DescribedChange {
  const { name } = change.kind === 'remove' ? change.installed : change.object
  const models = callers.get(name)
  const consequence =
    models === undefined
      ? null
      : `read models call it, and keep what it gave before until they are rebuilt: millrace rebuild ${models.join(' ')}`
  return { kind: change.kind, model: `object ${name}`, consequence }
}

/** The same for extensions and settings of the server. */
function describeServerChanges({ steps }: Pick<ServerChanges, 'steps'>): readonly DescribedChange[] {
  return steps.map(({ about }) => {
    const kind = about.startsWith('setting ') ? 'update' : 'create'
    return { kind, model: about, consequence: null }
  })
}

/** A setting that somebody else must see to, or that takes a restart. */
export function askedLine({ name, value, because }: AskedSetting): string {
  return `not done: setting ${name} to ${value}: ${because}`
}

/** All that leads from one state to another. */
export function describeTransition({ server, objects, changes }: Transition): readonly DescribedChange[] {
  return describeAll({ server: { steps: server }, objects, ...changes })
}
