import { firstRows } from '../../client/reads/page.ts'
import {
  PAGE,
  pageShape,
  pagesStatement,
  pageStatement,
  type PageShape,
  type Statement,
} from '../../client/reads/page-statement.ts'
import { readFacts, type Facts } from '../../client/reads/facts.ts'
import { MillraceError } from '../../errors.ts'
import type { Client } from '../../pg/client.ts'
import { isConnectionLoss, isDatabaseError } from '../../pg/errors.ts'
import { displayName } from '../../sql/names.ts'
import { shownRows } from './look.sql.ts'
import { answerOf, leavePage, type Page, type PageListener, type PageQuestion } from './page.ts'
import { inPortions } from './portions.ts'
import { isSameMoment, type Moment, type Row, type Topic, type Version } from './topic.ts'

/**
 * Makes the statements of pages that have none for the version in use. A page that cannot be asked for is the business of those who
 * have asked, and of nobody else.
 */
export async function preparePages(client: Client, topic: Topic): Promise<void> {
  const { version, pages } = topic
  const unasked = [...pages.values()].filter(({ question }) => question === undefined)
  if (version === undefined || unasked.length === 0) return
  const facts = await readersFacts(client, version)
  for (const page of unasked) {
    try {
      page.question = await triedQuestion(client, topic, { version, facts, page })
    } catch (error) {
      if (!(error instanceof Error) || isConnectionLoss(error)) throw error
      failPage(topic, page, isOfValues(error) ? wrongValue(topic, error) : error)
    }
  }
}

/** What readers may name, and the indexes of what is stored. */
async function readersFacts(client: Client, { storage, seen }: Version): Promise<Facts> {
  const { columns, indexes } = await readFacts((text, values) => client.query(text, values), storage)
  return {
    columns: seen.map((it) => {
      const stored = columns.find(({ name }) => name === it.name)
      return stored ?? { name: it.name, type: it.type, isPlain: true }
    }),
    indexes,
  }
}

interface Tried {
  readonly version: Version
  readonly facts: Facts
  readonly page: Page
}

async function triedQuestion(
  client: Client,
  { model }: Topic,
  { version, facts, page }: Tried,
): Promise<PageQuestion> {
  const relation = shownRows(version)
  const source = { kind: 'relation', relation } as const
  const key = version.key.map(({ name }) => name)
  const request = firstRows({ ...model, key }, { facts, source }, page.wish)
  // No row is read, but every value is: an error now is not one of all who ask for a page of this shape.
  const { text, values } = pageStatement({ ...request, limit: 0 })
  await client.query(text, values)
  const shape = pageShape(request, relation)
  return shape === undefined ? { kind: 'alone', statement: pageStatement(request) } : { kind: 'shape', shape }
}

/** Values that the types of their columns do not have, or an operator that these types do not have. */
function isOfValues(error: Error): boolean {
  return isDatabaseError(error) && /^(22|42883$)/.test(error.code ?? '')
}

function wrongValue({ model }: Topic, cause: Error): MillraceError {
  const detail = `${displayName(model)}: ${cause.message}`
  const hint = 'Ask for values that the columns can have, in an order that their types have.'
  return new MillraceError('BAD_SUBSCRIPTION', { detail, hint, cause })
}

export function failPage(topic: Topic, page: Page, error: Error): void {
  for (const listener of page.listeners) {
    listener.error = error
    leavePage(topic, page, listener)
    listener.bell.ring()
  }
}

/** Those for which somebody has come, in a round for all each of them, unless another read would find what the last one has found. */
export function duePages({ version, pages }: Topic, now: Moment, isForAll: boolean): readonly Page[] {
  if (version === undefined) return []
  return [...pages.values()].filter(
    ({ question, asOf, listeners }) =>
      question !== undefined &&
      !isSameMoment(version, asOf, now) &&
      (isForAll || [...listeners].some(({ isJoined }) => !isJoined)),
  )
}

/** Those who have not been told anything yet. */
export function pageComers({ pages }: Topic): readonly PageListener[] {
  return [...pages.values()].flatMap(({ listeners }) => [...listeners].filter(({ isJoined }) => !isJoined))
}

/** One read for all who follow a page, and one statement for all pages of a shape; what fails is told to those who follow it. */
export async function readPages(
  client: Client,
  topic: Topic,
  due: readonly Page[],
  now: Moment,
): Promise<void> {
  const { version } = topic
  if (version === undefined) return
  const by = { key: version.key.map(({ name }) => name), decaying: version.decaying }
  for (const { statement, pages } of statementsOf(due)) {
    try {
      const rows = await client.query<Row & object>(statement.text, statement.values)
      const found = pages.map((): Row[] => [])
      for (const row of rows) found[Number(row[PAGE] ?? 0)]?.push(row)
      for (const [at, page] of pages.entries()) {
        page.answer = answerOf(found[at] ?? [], by)
        page.asOf = now
      }
    } catch (error) {
      if (!(error instanceof Error) || isConnectionLoss(error)) throw error
      for (const page of pages) failPage(topic, page, error)
    }
  }
}

interface Reading {
  readonly statement: Statement
  readonly pages: readonly Page[]
}

/** More would make one answer long. */
const PAGES_AT_ONCE = 500

function statementsOf(due: readonly Page[]): readonly Reading[] {
  const alone: Reading[] = []
  const alike = new Map<string, Shaped[]>()
  for (const page of due) {
    const { question } = page
    if (question?.kind === 'alone') alone.push({ statement: question.statement, pages: [page] })
    if (question?.kind !== 'shape') continue
    const { shape } = question
    const group = alike.get(shape.rows.text)
    if (group === undefined) alike.set(shape.rows.text, [{ page, shape }])
    else group.push({ page, shape })
  }
  const groups = [...alike.values()].flatMap((it) => inPortions(it, PAGES_AT_ONCE))
  return [...alone, ...groups.map(readTogether)]
}

interface Shaped {
  readonly page: Page
  readonly shape: PageShape
}

function readTogether(group: readonly [Shaped, ...Shaped[]]): Reading {
  const [{ shape }] = group
  const values = group.map((it) => it.shape.values)
  return { statement: pagesStatement(shape, values), pages: group.map(({ page }) => page) }
}

/** Lets those in who have come before this moment, and wakes all who do not know yet what their page has come to. */
export function tellPages({ version, pages }: Topic, now: Moment, come: readonly PageListener[]): void {
  if (version === undefined) return
  for (const { answer, asOf, listeners } of pages.values()) {
    if (isSameMoment(version, asOf, now))
      for (const listener of come) if (listeners.has(listener)) listener.isJoined = true
    for (const { isJoined, taken, bell } of listeners) if (isJoined && answer?.id !== taken) bell.ring()
  }
}
