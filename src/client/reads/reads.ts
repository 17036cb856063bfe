import type { ModelReference } from '../../define/model-reference.ts'
import type { KeyFor, KeyColumns, KeyValue } from '../../define/row.ts'
import type { RelationName } from '../../compile/plan.ts'
import { displayName, strictPageName, strictViewName } from '../../sql/names.ts'
import { qualified } from '../../sql/sql.ts'
import type { Queryable } from '../queryable.ts'
import type { Ask } from '../statement.ts'
import { traced } from '../../tracing.ts'
import { waitFor, type WaitOptions } from '../wait-for.ts'
import { readMany, readOne } from './by-key.ts'
import { rememberedFacts, type Facts } from './facts.ts'
import { readAge, type Age } from './freshness.ts'
import { readPage, type PageOf, type PageOptions } from './page.ts'
import type { PageSource } from './page-statement.ts'

/** Reads of rows. Each is one statement, and so of one snapshot. */
export interface RowReads<Row, Key> {
  /** The row of a key; null where there is none. */
  get(key: Key): Promise<Row | null>
  /** The rows of keys, in the order of the keys: null where there is none. */
  getMany(keys: readonly Key[]): Promise<readonly (Row | null)[]>
  /**
   * Rows in an order, from a place on: whatever has come in or gone before it, no row is shown twice or left out. Fails with
   * PAGE_NOT_INDEXED where no index serves it, with CURSOR_INVALID for a cursor of another order, and with BAD_PAGE.
   */
  page(options?: PageOptions<Row>): Promise<PageOf<Row>>
}

/** Reads of a read model: `createClient`. */
export interface ModelReads<Row, Key> extends RowReads<Row, Key> {
  /** The same, exact at this moment, whatever is still queued. */
  readonly strict: RowReads<Row, Key>
  /** Returns when a plain read contains what the token's transaction wrote (`waitFor`). */
  waitFor(
    token: string | null | readonly (string | null)[],
    options?: Omit<WaitOptions, 'models'>,
  ): Promise<void>
  /** How old an answer is. */
  age(): Promise<Age>
}

/** The reads of a read model with these rows and this key. */
export type ReadsOf<Row, Key extends KeyColumns> = ModelReads<Row, KeyFor<Row, Key>>

export function modelReads<Row extends object>(
  client: Queryable,
  ask: Ask,
  model: ModelReference,
): ModelReads<Row, KeyValue | null> {
  const name: RelationName = { schema: model.schema ?? 'public', name: model.name }
  const facts = rememberedFacts(ask, name)
  return {
    ...rowReads<Row>(ask, model, {
      facts,
      relation: name,
      pages: { kind: 'relation', relation: qualified(name) },
    }),
    strict: tracedReads(
      name,
      rowReads<Row>(ask, model, {
        facts,
        relation: strictViewName(name),
        pages: strictPages(model, name),
      }),
    ),
    waitFor: async (token, options = {}) => {
      await waitFor(client, token, { ...options, models: [displayName(name)] })
    },
    age: async () => await readAge(ask, model),
  }
}

/** Strict reads as spans: how long they take depends on what is queued. */
function tracedReads<Row>(
  name: RelationName,
  reads: RowReads<Row, KeyValue | null>,
): RowReads<Row, KeyValue | null> {
  const read = async <T>(how: string, run: () => Promise<T>) =>
    await traced('millrace.strict_read', { 'millrace.model': displayName(name), 'millrace.read': how }, run)
  return {
    get: async (key) => await read('get', () => reads.get(key)),
    getMany: async (keys) => await read('getMany', () => reads.getMany(keys)),
    page: async (options) => await read('page', () => reads.page(options)),
  }
}

/** What is refreshed has no function for strict pages: its whole query answers. */
function strictPages({ freshness }: ModelReference, name: RelationName): PageSource {
  return typeof freshness === 'object'
    ? { kind: 'relation', relation: qualified(strictViewName(name)) }
    : { kind: 'function', name: strictPageName(name) }
}

interface Sources {
  readonly facts: () => Promise<Facts>
  readonly relation: RelationName
  readonly pages: PageSource
}

function rowReads<Row extends object>(
  ask: Ask,
  model: ModelReference,
  { facts, relation, pages }: Sources,
): RowReads<Row, KeyValue | null> {
  return {
    get: async (key) => await readOne<Row>(ask, model, relation, key),
    getMany: async (keys) => await readMany<Row>(ask, model, { relation, facts: await facts() }, keys),
    page: async (options = {}) =>
      await readPage<Row>(ask, model, { facts: await facts(), source: pages }, options),
  }
}
