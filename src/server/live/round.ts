import { isDeepStrictEqual } from 'node:util'
import { isRefreshed, type RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import type { Plan, RelationName } from '../../compile/plan.ts'
import { MillraceError } from '../../errors.ts'
import { withTransaction, type Client } from '../../pg/client.ts'
import { isConnectionLoss, isDatabaseError } from '../../pg/errors.ts'
import { displayName, isSameName } from '../../sql/names.ts'
import { join, sql, trusted } from '../../sql/sql.ts'
import { keyTexts, type KeyTexts } from './key.ts'
import { changedRows, HORIZON, lookedAt, NEWS, READ_PLAN } from './look.sql.ts'
import { horizonAt, positionOf } from './position.ts'
import {
  addKeys,
  fail,
  note,
  questionsOf,
  type Entry,
  type Listener,
  type Row,
  type Topic,
  type Version,
} from './topic.ts'

/** What has happened, as of one moment. */
interface News {
  readonly snapshot: string
  readonly cluster: string
  readonly models: readonly (RelationName & {
    readonly version: string
    readonly storage: string
    readonly n: string | null
  })[]
}

export interface Round {
  /** Whether those who are up to date are looked at too, or only those who have just come. */
  readonly isForAll: boolean
}

/**
 * One round: asks what has happened, and looks at the rows of those read models that have moved, and of those who have just come.
 * Everything that it finds is of one snapshot. Returns whether there was anything to look at.
 */
export async function goRound(
  client: Client,
  topics: Iterable<Topic>,
  { isForAll }: Round,
): Promise<boolean> {
  const [news] = await client.query<News & object>(NEWS)
  if (news === undefined) throw new Error('the database knows of no snapshot')
  const looks: Look[] = []
  for (const topic of topics) {
    if (!(await isInUse(client, topic, news))) continue
    for (const listener of comers(topic)) await admit(client, topic, listener)
    const look = lookAt(topic, news, isForAll)
    if (look !== undefined) looks.push(look)
  }
  if (looks.length === 0) return false

  await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    const [now] = await client.query<{ horizon: string }>(HORIZON)
    for (const look of looks) await take(client, look, news, BigInt(now?.horizon ?? 0))
  })
  return true
}

function comers({ listeners }: Topic): readonly Listener[] {
  return [...listeners].filter(({ isJoined }) => !isJoined)
}

/** Finds the version in use. Where there is none, nobody can follow it. */
async function isInUse(client: Client, topic: Topic, { models }: News): Promise<boolean> {
  const found = models.find((it) => isSameName(it, topic.model))
  if (found === undefined) {
    const error = new MillraceError('MODEL_UNKNOWN', {
      detail: displayName(topic.model),
      hint: 'Install it first: millrace migrate up. Or is this another database?',
    })
    failAll(topic, error)
    return false
  }
  if (topic.version?.identity === found.version) return true
  const [row] = await client.query<{ plan: Plan | RefreshPlan }>(READ_PLAN, [found.storage])
  // It was removed just now: the next round knows more.
  if (row === undefined) return false
  const before = topic.version
  topic.version = versionOf(row.plan, found.version)
  if (before !== undefined && !isDeepStrictEqual(before.key, topic.version.key))
    failAll(topic, keyChanged(topic))
  for (const entry of topic.entries.values()) entry.horizon = undefined
  return true
}

export function failAll(topic: Topic, error: Error): void {
  for (const listener of topic.listeners) fail(topic, listener, error)
}

function keyChanged({ model }: Topic): MillraceError {
  const hint = 'Subscribe again, to keys as they are now.'
  return new MillraceError('MODEL_CHANGED', { detail: `${displayName(model)} has another key`, hint })
}

function versionOf(plan: Plan | RefreshPlan, identity: string): Version {
  const isImmediate = !isRefreshed(plan) && (plan.immediate ?? null) !== null
  return { ...lookedAt(plan), identity, isImmediate, n: undefined, snapshot: undefined, horizon: undefined }
}

/** A key that cannot be one is the business of him who has sent it, and of nobody else. */
async function admit(client: Client, topic: Topic, listener: Listener): Promise<void> {
  const { version } = topic
  if (version === undefined || listener.entries.size > 0) return
  try {
    const names = version.key.map(({ name }) => name)
    const texts = listener.keys.map((key) => keyTexts(key, names))
    await expectValues(client, version, texts)
    addKeys(topic, listener, texts)
  } catch (error) {
    if (error instanceof MillraceError) fail(topic, listener, error)
    else if (isDatabaseError(error) && (error.code ?? '').startsWith('22')) {
      const detail = `${displayName(topic.model)}: ${error.message}`
      const hint = 'Give keys that the columns of the key can have.'
      fail(topic, listener, new MillraceError('BAD_SUBSCRIPTION', { detail, hint, cause: error }))
    } else throw error
  }
}

async function expectValues(client: Client, { key }: Version, texts: readonly KeyTexts[]): Promise<void> {
  // Counted, so that the server does evaluate them.
  const lists = key.map(
    ({ type }, i) => sql`cardinality($${trusted(String(i + 1))}::text[]::${trusted(type)}[])`,
  )
  await client.query(
    sql`select ${join(lists, ' + ')}`.text,
    key.map((_, i) => texts.map((it) => it[i] ?? null)),
  )
}

interface Look {
  readonly topic: Topic
  readonly version: Version
  readonly entries: Iterable<Entry>
  readonly listeners: readonly Listener[]
  /** For those who come back: where they were. */
  readonly since: (entry: Entry) => bigint | undefined
  readonly n: string | undefined
  /** Of all that is followed of the model. */
  readonly isWhole: boolean
}

/** A horizon so much older than the present could be taken for a newer one. */
const TOO_OLD = 1n << 30n

function lookAt(topic: Topic, news: News, isForAll: boolean): Look | undefined {
  const { version } = topic
  if (version === undefined) return undefined
  const n = news.models.find((it) => it.version === version.identity)?.n ?? undefined
  const present = BigInt(news.snapshot.split(':')[0] ?? 0)
  const hasMoved = version.isImmediate ? version.snapshot !== news.snapshot : version.n !== n
  const isWhole = isForAll && (hasMoved || usable(version.horizon, present) === undefined)
  const come = comers(topic)
  if (!isWhole && come.length === 0) return undefined

  const back = new Map(
    come.map((it) => [it, usable(horizonAt(it.after, news.cluster, version.identity), present)]),
  )
  const since = (entry: Entry): bigint | undefined => {
    const own = usable(entry.horizon, present)
    const horizons = [...entry.listeners].map((it) => (it.isJoined ? own : back.get(it)))
    return horizons.reduce((a, b) => (a === undefined || b === undefined ? undefined : a < b ? a : b))
  }
  return {
    topic,
    version,
    entries: isWhole ? topic.entries.values() : new Set(come.flatMap((it) => [...it.entries.keys()])),
    listeners: isWhole ? [...topic.listeners] : come,
    since,
    n,
    isWhole,
  }
}

function usable(horizon: bigint | undefined, present: bigint): bigint | undefined {
  return horizon !== undefined && present - horizon <= TOO_OLD ? horizon : undefined
}

async function take(client: Client, look: Look, { cluster, snapshot }: News, horizon: bigint): Promise<void> {
  const { version, entries, listeners, since, n, topic, isWhole } = look
  for (const question of questionsOf(entries, since)) {
    try {
      const rows = await client.query<Row & object>(changedRows(version, question.nulls), question.values)
      note(question, rows, { horizon, isWhole })
    } catch (error) {
      if (isDatabaseError(error) && !isConnectionLoss(error)) failAll(topic, error)
      throw error
    }
  }
  const position = positionOf(cluster, version.identity, horizon)
  for (const listener of listeners) {
    if (!topic.listeners.has(listener)) continue
    listener.isJoined = true
    listener.isTorn = false
    listener.position = position
    if (listener.dirty.size > 0) listener.bell.ring()
  }
  if (!isWhole) return
  version.n = n
  version.snapshot = snapshot
  version.horizon = horizon
}
