import { createHash } from 'node:crypto'

/** PostgreSQL cuts longer identifiers off, in bytes. */
const MAX_BYTES = 63

/** The schema of everything that Millrace makes for itself. */
export const HOME = 'millrace'

/** How many tables a queue rotates through. Three: one is written, one is drained, one is free to be emptied. */
export const QUEUE_SLOTS = 3

interface Named {
  readonly schema: string
  readonly name: string
}

/** Of a prepared statement: the same for the same text, on every connection and in every process. */
export function statementName(text: string, generation = 0): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 24)
  return generation === 0 ? `millrace_${digest}` : `millrace_${digest}_${String(generation)}`
}

export function isSameName(a: Named, b: Named): boolean {
  return a.schema === b.schema && a.name === b.name
}

/** As messages write it: `public.feed_projects`. */
export function displayName({ schema, name }: Named): string {
  return `${schema}.${name}`
}

/** The queue of a source: shared by all read models of that source. */
export function queueName(source: Named): Named {
  return { schema: HOME, name: fit(`queue_${flat(source)}`) }
}

/** One of the tables that a queue rotates through. */
export function queueSlotName(source: Named, slot: number): Named {
  return { schema: HOME, name: fit(`queue_${flat(source)}`, `_${String(slot)}`) }
}

/** The function that a capture trigger calls; one per event. */
export function captureName(source: Named, event: 'insert' | 'update' | 'delete' | 'truncate'): Named {
  return { schema: HOME, name: fit(`capture_${flat(source)}`, `_${event}`) }
}

/** The function that notes that a statement on a source runs within another one. */
export function nestedName(source: Named): Named {
  return { schema: HOME, name: fit(`nested_${flat(source)}`) }
}

/**
 * The name of a capture trigger. PostgreSQL fires triggers in the order of their names, and the user's own triggers
 * must find the change already queued (LESSONS 18), so it begins with the lowest printable character but one.
 */
export function triggerName(event: 'insert' | 'update' | 'delete' | 'truncate' | 'nested'): string {
  return `!millrace_${event}`
}

/** The table that holds a version of a read model. */
export function storageName(model: Named, version: number): Named {
  return { schema: HOME, name: fit(flat(model), `_v${String(version)}`) }
}

/**
 * The function by which a transaction adds to an immediate read model, when it commits. They run in the order of their names,
 * and this one comes before `apply_`: statements add at once, so whoever does both has added first.
 */
export function addName(storage: Named): Named {
  return { schema: HOME, name: fit(`add_${storage.name}`) }
}

/** The function by which a transaction computes what it has changed of an immediate read model, when it commits. */
export function applyName(storage: Named): Named {
  return { schema: HOME, name: fit(`apply_${storage.name}`) }
}

/** The function that computes units of an immediate read model anew: one for each pattern of nulls in the unit. */
export function recomputeFunctionName(storage: Named, pattern: number): Named {
  return { schema: HOME, name: fit(`recompute_${storage.name}`, `_${String(pattern)}`) }
}

/** The job that refreshes a read model: called as the model is, in any schema but `public` with that. */
export function refreshJobName(model: Named): string {
  return flat(model)
}

/** The function that tells whether the owner sees all rows of a read model's sources. */
export function allRowsName(storage: Named): Named {
  return { schema: HOME, name: fit(`sees_all_${storage.name}`) }
}

/** A function that computes an expression of a read model under the settings that it declares. */
export function pinnedName(storage: Named, index: number): Named {
  return { schema: HOME, name: fit(`pinned_${storage.name}`, `_${String(index)}`) }
}

/** Units of a version of a read model that wait to be recomputed. */
export function pendingName(storage: Named): Named {
  return { schema: HOME, name: fit(`pending_${storage.name}`) }
}

/** A declared index on one version of a read model. One that has a name of its own is called so on the version that is in use. */
export function versionIndexName(storage: Named, version: number, part: string, isNamed: boolean): string {
  return isNamed ? fit(part, `_v${String(version)}`) : fit(storage.name, `_${part}`)
}

/** The view that answers exactly, whatever is still queued. It stands beside the read model. */
export function strictViewName(model: Named): Named {
  return { schema: model.schema, name: fit(model.name, '_strict') }
}

/** The function that answers ordered pages exactly. It stands beside the strict view. */
export function strictPageName(model: Named): Named {
  return { schema: model.schema, name: fit(model.name, '_strict_page') }
}

/** A part of a model's strict read within that of another one, which reads it: a common table expression. */
export function chainName(storage: Named, part: string): string {
  return fit(storage.name, `_${part}`)
}

/** What stands under a name, while in a transaction that is rolled back something else is given it. */
export function formerName({ name }: Named): string {
  return fit(name, '_former')
}

/** The name of what a read model has taken the place of, beside it, until it goes back. */
export function asideName({ name }: Named): string {
  return fit(name, '_before_millrace')
}

/** The table of a leaderboard's rank tree, of all rows or within the groups of a list of columns. */
export function rankEntriesName(storage: Named, within: readonly string[]): Named {
  return { schema: HOME, name: fit(`ranks_${storage.name}${inGroups(within)}`) }
}

/** A function over a rank tree, or another thing that belongs to one. */
export function rankFunctionName(entries: Named, part: string): Named {
  return { schema: HOME, name: fit(entries.name, `_${part}`) }
}

/** What the triggers of a leaderboard's stored table call; one per event. */
export function rankTriggerName(storage: Named, event: 'insert' | 'update' | 'delete' | 'truncate'): Named {
  return { schema: HOME, name: fit(`rank_${storage.name}`, `_${event}`) }
}

/** The row type of a leaderboard's answers. */
export function rankedTypeName(storage: Named): Named {
  return { schema: HOME, name: fit(`ranked_${storage.name}`) }
}

/** A function that readers call. It stands beside the read model: `board_top`, `board_rank_in_country`. */
export function rankReaderName(model: Named, part: string, within: readonly string[]): Named {
  return { schema: model.schema, name: fit(`${model.name}_${part}${inGroups(within)}`) }
}

function inGroups(within: readonly string[]): string {
  return within.length === 0 ? '' : `_in_${within.join('_')}`
}

/** Columns of a queue that hold a source column's value before and after a change. */
export function oldColumn(column: string): string {
  return fit(`old_${column}`)
}

export function newColumn(column: string): string {
  return fit(`new_${column}`)
}

/** A hidden column of a stored table: the state of a fold, a part of a decay. */
export function hiddenColumn(column: string, part: string): string {
  return fit(column, `__${part}`)
}

/** The column by which rows are ordered whose score decays. */
export function rankKeyColumn(column: string): string {
  return fit(column, '_rank_key')
}

/** The index of a stored table in the order of a rank key. */
export function rankKeyIndexName(storage: Named, rankKey: string): string {
  return fit(storage.name, `_${rankKey}`)
}

/** Names in `public`, where most tables live, stay short; others carry their schema. */
function flat({ schema, name }: Named): string {
  return schema === 'public' ? name : `${schema}.${name}`
}

/** Keeps a name within 63 bytes: a name that is too long keeps its beginning and gets a hash of all of it. */
function fit(name: string, suffix = ''): string {
  const whole = name + suffix
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole

  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  const room = MAX_BYTES - Buffer.byteLength(suffix) - hash.length - 1
  return `${cutToBytes(name, room)}_${hash}${suffix}`
}

function cutToBytes(text: string, bytes: number): string {
  let cut = ''
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes) break
    cut += character
  }
  return cut
}
