import { createHash } from 'node:crypto'
import { jsonOf } from '../../client/reads/json.ts'
import { PAGE, PLACE, type PageShape, type Statement } from '../../client/reads/page-statement.ts'
import type { KeyValue } from '../../define/row.ts'
import { newBell, type Bell } from './bell.ts'
import type { Moment, Row, Topic } from './topic.ts'

/** The first rows of a read model in an order: who asks for the same follows the same page. */
export interface PageWish {
  readonly orderBy: readonly string[]
  readonly where: Readonly<Record<string, unknown>>
  readonly n: number
  readonly unindexed?: 'allow' | undefined
}

/** A page that somebody follows, however many do: it holds its last answer. */
export interface Page {
  readonly wish: PageWish
  readonly listeners: Set<PageListener>
  /** Undefined: it has not been asked of the version in use yet. */
  question: PageQuestion | undefined
  answer: Answer | undefined
  /** As long as its read model has not moved since, the answer is what another read would find. */
  asOf: Moment | undefined
}

/** Pages of one shape are asked for together. */
export type PageQuestion =
  | { readonly kind: 'shape'; readonly shape: PageShape }
  | { readonly kind: 'alone'; readonly statement: Statement }

/** One subscription of a page. All that it holds is the id of what it has taken last. */
export interface PageListener {
  readonly bell: Bell
  taken: string | undefined
  /** It has been told of an answer that is not older than itself. */
  isJoined: boolean
  error: Error | undefined
}

export interface Answer {
  /** Says what is in it: the digests of its rows, in their order. */
  readonly id: string
  readonly rows: readonly AnswerRow[]
  /** What those are told who have taken the answer of an id before: they are many, and mostly of one. */
  readonly told: Map<string | undefined, PageUpdate>
}

interface AnswerRow {
  readonly key: KeyValue
  readonly row: Row
  readonly digest: string
}

export interface PageUpdate {
  readonly id: string
  readonly order: readonly KeyValue[]
  readonly changes: readonly { readonly key: KeyValue; readonly row: Row }[]
}

/** The same for pages that are the same, in whatever order their conditions were written. */
export function pageName({ orderBy, where, n, unindexed }: PageWish): string {
  const conditions = Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return jsonOf([orderBy, conditions, n, unindexed])
}

export function newPage(wish: PageWish): Page {
  return { wish, listeners: new Set(), question: undefined, answer: undefined, asOf: undefined }
}

export function newPageListener(after: string | undefined): PageListener {
  return { bell: newBell(), taken: after, isJoined: false, error: undefined }
}

export interface AnsweredBy {
  readonly key: readonly string[]
  /** Columns that time changes: another value of theirs is no news. */
  readonly decaying: readonly string[]
}

/** What a read has found, in its order. */
export function answerOf(found: readonly Row[], { key, decaying }: AnsweredBy): Answer {
  const rows = found.map((told): AnswerRow => {
    const row = without(told, [PLACE, PAGE])
    return { key: keyIn(row, key), row, digest: digestOf(jsonOf(without(row, decaying))) }
  })
  return { id: ID_START + rows.map(({ digest }) => digest).join(''), rows, told: new Map() }
}

function without(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))
}

/** As `get` takes it. */
function keyIn(row: Row, key: readonly string[]): KeyValue {
  const [only] = key
  const single = key.length === 1 && only !== undefined ? row[only] : undefined
  // A key of one column that is null is told as it is asked for.
  if (single !== undefined && single !== null) return single as KeyValue
  return Object.fromEntries(key.map((name) => [name, row[name]]))
}

/** A page that nobody follows any more is forgotten. */
export function leavePage({ pages }: Topic, page: Page, listener: PageListener): void {
  page.listeners.delete(listener)
  const name = pageName(page.wish)
  if (page.listeners.size === 0 && pages.get(name) === page) pages.delete(name)
}

const ID_START = 'page.'
/** 48 bits: that a row is taken for one that somebody has, though it is another, happens once in 10^14 times. */
const DIGEST_LENGTH = 8
const MOST_TOLD = 20

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_LENGTH)
}

/** The digests of an id, which may come from outside: of anything else there are none. */
function digestsIn(id: string | undefined): ReadonlySet<string> {
  const list = id?.startsWith(ID_START) === true ? id.slice(ID_START.length) : ''
  return new Set(list.match(new RegExp(`.{${String(DIGEST_LENGTH)}}`, 'g')))
}

/** What a listener does not know of the last answer: all that was between is left out. */
export function takePage({ answer }: Page, listener: PageListener): PageUpdate | undefined {
  const { isJoined, taken } = listener
  if (answer === undefined || !isJoined || taken === answer.id) return undefined
  listener.taken = answer.id
  const known = answer.told.get(taken)
  if (known !== undefined) return known
  const update = updateOf(answer, taken)
  // Ids come from outside: whoever makes them up must not fill the memory.
  if (answer.told.size < MOST_TOLD) answer.told.set(taken, update)
  return update
}

function updateOf({ id, rows }: Answer, taken: string | undefined): PageUpdate {
  const known = digestsIn(taken)
  return {
    id,
    order: rows.map(({ key }) => key),
    changes: rows.flatMap(({ key, row, digest }) => (known.has(digest) ? [] : [{ key, row }])),
  }
}
