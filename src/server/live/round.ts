import { MillraceError } from '../../errors.ts'
import { withTransaction, type Client } from '../../pg/client.ts'
import { isConnectionLoss, isDatabaseError } from '../../pg/errors.ts'
import { displayName } from '../../sql/names.ts'
import { join, sql, trusted } from '../../sql/sql.ts'
import { failAll, isInUse, type News } from './in-use.ts'
import { keyTexts, type KeyTexts } from './key.ts'
import { changedRows, HORIZON, NEWS } from './look.sql.ts'
import type { Page } from './page.ts'
import { horizonAt, positionOf } from './position.ts'
import { duePages, pageComers, preparePages, readPages, tellPages } from './read-pages.ts'
import {
  addKeys,
  fail,
  isSameMoment,
  note,
  questionsOf,
  type Entry,
  type Listener,
  type Moment,
  type Row,
  type Topic,
  type Version,
} from './topic.ts'

export interface Round {
  /** Whether those who are up to date are looked at too, or only those who have just come. */
  readonly isForAll: boolean
}

/**
 * One round: asks what has happened, and looks at the rows of those read models that have moved, and of those who have just come.
 * The keys that it looks at are of one snapshot, and so is each page. Returns whether there was anything to look at.
 */
export async function goRound(
  client: Client,
  topics: ReadonlyMap<string, Topic>,
  { isForAll }: Round,
): Promise<boolean> {
  const come = [...topics.values()].flatMap(pageComers)
  const [news] = await client.query<News & object>(NEWS)
  if (news === undefined) throw new Error('the database knows of no snapshot')
  const looks: Look[] = []
  for (const topic of topics.values()) {
    if (!(await isInUse(client, topic, news))) continue
    for (const listener of comers(topic)) await admit(client, topic, listener)
    await preparePages(client, topic)
    looks.push(lookAt(topic, news, isForAll))
  }
  if (looks.some(({ keys }) => keys !== undefined))
    await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
      const [now] = await client.query<{ horizon: string }>(HORIZON)
      for (const look of looks) await takeKeys(client, look, news, BigInt(now?.horizon ?? 0))
    })
  for (const { topic, now, pages } of looks) await readPages(client, topic, pages, now)
  // Who has come since must not be told what was before he came.
  for (const { topic, now } of looks) tellPages(topic, now, come)
  return looks.some(({ keys, pages }) => keys !== undefined || pages.length > 0)
}

interface Look {
  readonly topic: Topic
  readonly now: Moment
  readonly keys: KeyLook | undefined
  readonly pages: readonly Page[]
}

function lookAt(topic: Topic, news: News, isForAll: boolean): Look {
  const now = momentOf(topic, news)
  return {
    topic,
    now,
    keys: topic.listeners.size === 0 ? undefined : lookAtKeys(topic, { news, now, isForAll }),
    pages: duePages(topic, now, isForAll),
  }
}

function momentOf({ version }: Topic, { models, snapshot }: News): Moment {
  return { n: models.find((it) => it.version === version?.identity)?.n ?? undefined, snapshot }
}

function comers({ listeners }: Topic): readonly Listener[] {
  return [...listeners].filter(({ isJoined }) => !isJoined)
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

interface KeyLook {
  readonly version: Version
  readonly entries: Iterable<Entry>
  readonly listeners: readonly Listener[]
  /** For those who come back: where they were. */
  readonly since: (entry: Entry) => bigint | undefined
  /** Of all keys that are followed of the model. */
  readonly isWhole: boolean
}

/** A horizon so much older than the present could be taken for a newer one. */
const TOO_OLD = 1n << 30n

function lookAtKeys(
  topic: Topic,
  { news, now, isForAll }: { readonly news: News; readonly now: Moment; readonly isForAll: boolean },
): KeyLook | undefined {
  const { version } = topic
  if (version === undefined) return undefined
  const present = BigInt(news.snapshot.split(':')[0] ?? 0)
  const hasMoved = !isSameMoment(version, version.asOf, now)
  const isWhole = isForAll && (hasMoved || usable(version.horizon, present) === undefined)
  const come = comers(topic)
  if (!isWhole && come.length === 0) return undefined

  const back = new Map(
    come.map((it) => [it, usable(horizonAt(it.after, news.cluster, version.identity), present)]),
  )
  const since = (entry: Entry): bigint | undefined => {
    const own = usable(entry.horizon, present)
    // None where the last one has left since the round began.
    const [first, ...others] = [...entry.listeners].map((it) => (it.isJoined ? own : back.get(it)))
    return others.reduce((a, b) => (a === undefined || b === undefined ? undefined : a < b ? a : b), first)
  }
  return {
    version,
    entries: isWhole ? topic.entries.values() : new Set(come.flatMap((it) => [...it.entries.keys()])),
    listeners: isWhole ? [...topic.listeners] : come,
    since,
    isWhole,
  }
}

function usable(horizon: bigint | undefined, present: bigint): bigint | undefined {
  return horizon !== undefined && present - horizon <= TOO_OLD ? horizon : undefined
}

async function takeKeys(
  client: Client,
  { topic, now, keys }: Look,
  { cluster }: News,
  horizon: bigint,
): Promise<void> {
  if (keys === undefined) return
  const { version, entries, listeners, since, isWhole } = keys
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
  version.asOf = now
  version.horizon = horizon
}
