import { isDeepStrictEqual } from 'node:util'
import type { KeyValue } from '../../define/row.ts'
import type { RelationName } from '../../compile/plan.ts'
import { newBell, type Bell } from './bell.ts'
import type { KeyTexts } from './key.ts'
import { AT, IS_THERE, type LookedAt } from './look.sql.ts'
import type { Page } from './page.ts'
import { inPortions } from './portions.ts'

/** A row of a read model as the driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** One key that somebody follows, with its row, however many do. */
export interface Entry {
  readonly texts: KeyTexts
  readonly listeners: Set<Listener>
  /** Null: there is none. Undefined: nobody has asked for it yet. */
  row: Row | null | undefined
  /** Of the last look at it. */
  horizon: bigint | undefined
}

/** One subscription of keys. What it has not taken yet is a set of keys: however slow it is, it holds no more than these. */
export interface Listener {
  readonly keys: readonly KeyValue[]
  /** Where it was when its connection was lost. */
  readonly after: string | undefined
  readonly bell: Bell
  readonly entries: Map<Entry, KeyValue>
  readonly dirty: Set<Entry>
  /** Its first look has been taken. */
  isJoined: boolean
  /** Everything that it has not taken is in `dirty` as of this position. */
  position: string | undefined
  /** A row of it is of a later look than the others, which somebody else has asked for: it waits for the next look at all. */
  isTorn: boolean
  error: Error | undefined
}

/** Everything that is followed of one read model. */
export interface Topic {
  readonly model: RelationName
  /** The version in use at the last look. */
  version: Version | undefined
  readonly entries: Map<string, Entry>
  readonly listeners: Set<Listener>
  /** By their names. */
  readonly pages: Map<string, Page>
}

/** What tells whether the rows of a read model may have changed. */
export interface Moment {
  /** Its newest watermark. */
  readonly n: string | undefined
  /** As long as it is current nothing has been committed. */
  readonly snapshot: string
}

/** Whether a version has had the same rows then and now. Those of an immediate one change with any commit, and without a watermark. */
export function isSameMoment({ isImmediate }: Version, then: Moment | undefined, now: Moment): boolean {
  if (then === undefined) return false
  return isImmediate ? then.snapshot === now.snapshot : then.n === now.n
}

export interface Version extends LookedAt {
  /** Another one has other rows, whatever they are called. */
  readonly identity: string
  readonly isImmediate: boolean
  /** The last look at all keys of it. */
  asOf: Moment | undefined
  horizon: bigint | undefined
}

export function newTopic(model: RelationName): Topic {
  return { model, version: undefined, entries: new Map(), listeners: new Set(), pages: new Map() }
}

export function newListener(keys: readonly KeyValue[], after: string | undefined): Listener {
  return {
    keys,
    after,
    bell: newBell(),
    entries: new Map(),
    dirty: new Set(),
    isJoined: false,
    position: undefined,
    isTorn: false,
    error: undefined,
  }
}

/** Gives a listener its place at its keys. */
export function addKeys({ entries }: Topic, listener: Listener, texts: readonly KeyTexts[]): void {
  for (const [i, key] of listener.keys.entries()) {
    const own = texts[i]
    if (own === undefined) continue
    const name = JSON.stringify(own)
    const entry = entries.get(name) ?? {
      texts: own,
      listeners: new Set(),
      row: undefined,
      horizon: undefined,
    }
    entries.set(name, entry)
    entry.listeners.add(listener)
    listener.entries.set(entry, key)
  }
}

export function leave({ entries, listeners }: Topic, listener: Listener): void {
  listeners.delete(listener)
  for (const entry of listener.entries.keys()) {
    entry.listeners.delete(listener)
    if (entry.listeners.size === 0) entries.delete(JSON.stringify(entry.texts))
  }
  listener.entries.clear()
  listener.dirty.clear()
}

export interface KeysUpdate {
  readonly id: string
  readonly changes: readonly { readonly key: KeyValue; readonly row: Row | null }[]
}

/** All that has gathered, as of the last look. */
export function takeKeys({ dirty, entries, position, isTorn }: Listener): KeysUpdate | undefined {
  if (dirty.size === 0 || position === undefined || isTorn) return undefined
  const changes = [...entries].flatMap(([entry, key]) =>
    dirty.has(entry) ? [{ key, row: entry.row ?? null }] : [],
  )
  dirty.clear()
  return { id: position, changes }
}

export function fail(topic: Topic, listener: Listener, error: Error): void {
  listener.error = error
  leave(topic, listener)
  listener.bell.ring()
}

/** Keys with nulls in the same columns, all of which were looked at at one time, and had a row or none: one statement looks at them. */
export interface Question {
  readonly nulls: readonly boolean[]
  readonly entries: readonly Entry[]
  /** One list for each column that is not null, then since when a change is news, and whether there was a row. */
  readonly values: readonly (readonly string[] | string | boolean | null)[]
}

/** More keys would make one statement long. */
const KEYS_AT_ONCE = 5_000

/** What is to be asked of these entries; `since` says from when on a change of one is news, undefined for its row as it is. */
export function questionsOf(
  entries: Iterable<Entry>,
  since: (entry: Entry) => bigint | undefined,
): readonly Question[] {
  const alike = new Map<string, Entry[]>()
  for (const entry of entries) {
    const pattern = entry.texts.map((it) => (it === null ? '1' : '0')).join('')
    const kind = `${pattern} ${String(since(entry))} ${String(mayHaveHadRow(entry))}`
    const group = alike.get(kind)
    if (group === undefined) alike.set(kind, [entry])
    else group.push(entry)
  }
  return [...alike.values()]
    .flatMap((it) => inPortions(it, KEYS_AT_ONCE))
    .map((group) => question(group, since(group[0]), mayHaveHadRow(group[0])))
}

function question(entries: readonly Entry[], since: bigint | undefined, wasThere: boolean): Question {
  const nulls = (entries[0]?.texts ?? []).map((it) => it === null)
  const columns = nulls.flatMap((isNull, i) => (isNull ? [] : [entries.map(({ texts }) => texts[i] ?? '')]))
  return { nulls, entries, values: [...columns, shortened(since), wasThere] }
}

/** Of one who comes back it is not known what he has seen. */
function mayHaveHadRow({ row, listeners }: Entry): boolean {
  return row !== null || [...listeners].some(({ isJoined }) => !isJoined)
}

/** As rows have it: the last 32 bits. */
function shortened(horizon: bigint | undefined): string | null {
  return horizon === undefined ? null : String(BigInt.asUintN(32, horizon))
}

/** Notes what a look has found: `rows` for the entries of a question that may have changed. */
export function note(
  { entries }: Question,
  rows: readonly Row[],
  { horizon, isWhole }: { readonly horizon: bigint; readonly isWhole: boolean },
): void {
  for (const entry of entries) entry.horizon = horizon
  for (const row of rows) {
    const entry = entries[Number(row[AT]) - 1]
    if (entry === undefined) continue
    const now = rowOf(row)
    const isChanged = entry.row === undefined || !isDeepStrictEqual(entry.row, now)
    entry.row = now
    for (const listener of entry.listeners) {
      // Who has just come has not seen what others have.
      if (isChanged || !listener.isJoined) listener.dirty.add(entry)
      if (isChanged && listener.isJoined && !isWhole) listener.isTorn = true
    }
  }
}

function rowOf(told: Row): Row | null {
  if (told[IS_THERE] !== true) return null
  return Object.fromEntries(Object.entries(told).filter(([name]) => name !== AT && name !== IS_THERE))
}
