import { setTimeout as sleep } from 'node:timers/promises'
import type { RelationName } from '../../compile/plan.ts'
import { databaseUrl, type DatabaseConfiguration } from '../../embed/configuration.ts'
import { MillraceError } from '../../errors.ts'
import { connect, type Connection } from '../../pg/client.ts'
import { isConnectionLoss } from '../../pg/errors.ts'
import { displayName } from '../../sql/names.ts'
import { backoffMs } from '../../work/backoff.ts'
import { newBell, type Bell } from './bell.ts'
import { failAll } from './in-use.ts'
import { goRound } from './round.ts'
import { newPage, pageName, type Page, type PageListener, type PageWish } from './page.ts'
import { newTopic, type Listener, type Topic } from './topic.ts'

/** What all subscriptions of a process share: one connection, and one look for all of them. */
export interface Hub {
  readonly config: DatabaseConfiguration
  readonly maxIdleMs: number
  readonly onError: (error: Error) => void
  readonly topics: Map<string, Topic>
  /** Rings when somebody has come, or the hub is closed. */
  readonly bell: Bell
  isClosed: boolean
  running: Promise<void> | undefined
}

/** A statement that takes longer is broken off by the server, and those who wait for it are told. */
const STATEMENT_TIMEOUT_MS = 30_000
/** After a look it rests so many times as long as that took, so that it takes a quarter of its connection's time at most. */
const REST_SHARE = 3
const MIN_REST_MS = 10
const MAX_REST_MS = 1_000

export function newHub(
  config: DatabaseConfiguration,
  { maxIdleMs, onError }: Pick<Hub, 'maxIdleMs' | 'onError'>,
): Hub {
  return {
    config,
    maxIdleMs,
    onError,
    topics: new Map(),
    bell: newBell(),
    isClosed: false,
    running: undefined,
  }
}

/** Takes a listener in; the hub is at work as long as there is one. */
export function enter(hub: Hub, model: RelationName, listener: Listener): Topic {
  const topic = topicOf(hub, model)
  topic.listeners.add(listener)
  wake(hub)
  return topic
}

/** The same for one who follows a page. */
export function enterPage(
  hub: Hub,
  model: RelationName,
  wish: PageWish,
  listener: PageListener,
): { readonly topic: Topic; readonly page: Page } {
  const topic = topicOf(hub, model)
  const name = pageName(wish)
  const page = topic.pages.get(name) ?? newPage(wish)
  topic.pages.set(name, page)
  page.listeners.add(listener)
  wake(hub)
  return { topic, page }
}

function topicOf({ topics }: Hub, model: RelationName): Topic {
  const name = displayName(model)
  const topic = topics.get(name) ?? newTopic(model)
  topics.set(name, topic)
  return topic
}

function wake(hub: Hub): void {
  start(hub)
  hub.bell.ring()
}

function start(hub: Hub): void {
  hub.running ??= run(hub).finally(() => {
    hub.running = undefined
    // Somebody may have come while it was about to end.
    if (isWanted(hub)) start(hub)
  })
}

/** Forgets read models that nobody follows any more. */
function forget({ topics }: Hub): void {
  for (const [name, { listeners, pages }] of topics)
    if (listeners.size === 0 && pages.size === 0) topics.delete(name)
}

async function run(hub: Hub): Promise<void> {
  const url = await databaseUrl(hub.config).catch((error: unknown) => {
    endAll(hub, error)
    return undefined
  })
  if (url === undefined) return
  let failures = 0
  while (isWanted(hub)) {
    let connection: Connection | undefined
    try {
      connection = await connect({ url, name: 'millrace live' })
      await connection.query(`set statement_timeout = ${String(STATEMENT_TIMEOUT_MS)}`)
      await goRounds(hub, connection, () => (failures = 0))
    } catch (error) {
      if (error instanceof MillraceError) endAll(hub, error)
      if (!(error instanceof Error)) throw error
      failures += 1
      hub.onError(error)
      await sleep(backoffMs(failures))
    } finally {
      // One that broke off has nobody to say good-bye to.
      void connection?.end().catch(() => undefined)
    }
  }
}

function isWanted(hub: Hub): boolean {
  forget(hub)
  return !hub.isClosed && hub.topics.size > 0
}

function endAll({ topics }: Hub, error: unknown): void {
  for (const topic of topics.values())
    failAll(topic, error instanceof Error ? error : new Error(String(error)))
}

async function goRounds(hub: Hub, connection: Connection, onSuccess: () => void): Promise<void> {
  let idleMs = MIN_REST_MS
  let nextForAll = 0
  while (isWanted(hub)) {
    const startedAt = performance.now()
    const isForAll = startedAt >= nextForAll
    const hasLooked = await goRound(connection, hub.topics, { isForAll }).catch((error: unknown) => {
      if (!(error instanceof Error) || isConnectionLoss(error)) throw error
      // Whom it concerns has been told.
      hub.onError(error)
      return false
    })
    onSuccess()
    const now = performance.now()
    idleMs = hasLooked ? MIN_REST_MS : Math.min(hub.maxIdleMs, idleMs * 2)
    if (isForAll) nextForAll = now + Math.max(idleMs, Math.min(MAX_REST_MS, (now - startedAt) * REST_SHARE))
    await hub.bell.wait(Math.max(1, nextForAll - now))
  }
}
