import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout } from 'node:timers/promises'
import { createClient, createPool, type ClientOf } from 'millrace/client'
import pg from 'pg'
import * as models from '../../models/index.ts'
import { withTransaction } from '../transaction.ts'

/** The database as pages read it: read models by the client, the rest by SQL. */
export interface Store {
  readonly models: ClientOf<typeof models>
  /** Rows of a statement, with values that are the same in JSON: numbers, and times as text in ISO 8601. */
  readonly rows: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<readonly Row[]>
  /** Runs `work` in a transaction; again, where others stood in its way. */
  readonly transaction: <T>(work: (client: pg.PoolClient) => Promise<T>) => Promise<T>
  readonly pool: pg.Pool
  /** For short questions that are asked again and again until the answer is yes: they do not stand in the line of those who read. */
  readonly waits: pg.Pool
  readonly close: () => Promise<void>
}

/** What one answer has asked of the database. */
export interface Tally {
  statements: number
  rows: number
  ms: number
}

const tallies = new AsyncLocalStorage<Tally>()

/** Counts the statements that `work` sends through a store. */
export async function tallied<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly tally: Tally }> {
  const tally = { statements: 0, rows: 0, ms: 0 }
  return { result: await tallies.run(tally, work), tally }
}

const { builtins } = pg.types

/** Whole numbers up to 2^53, and times without a zone as the UTC that they are. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.INT8, Number],
  [builtins.NUMERIC, Number],
  [builtins.TIMESTAMP, (text) => `${text.replace(' ', 'T')}Z`],
  [builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString()],
])

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    PARSERS.get(oid) ?? (pg.types.getTypeParser(oid, format) as (text: string) => unknown),
}

/**
 * More connections would answer less: what two cores do at once is theirs, and whoever waits here waits in turn, without taking the
 * processor from those that are answered (docs/load.md). A small multiple of the server's cores.
 */
const CONNECTIONS = 6
const CONNECTIONS_OF_WAITS = 2

export function openStore(url: string, max = CONNECTIONS): Store {
  const pool = createPool({
    url: withSettings(url),
    max,
    types,
    name: 'builder network pages',
    onError: () => undefined,
  })
  const waits = createPool({
    url,
    max: CONNECTIONS_OF_WAITS,
    name: 'builder network waits',
    onError: () => undefined,
  })
  const query = async (statement: Statement) => {
    const startedAt = performance.now()
    const result = await pool.query<pg.QueryResultRow>(statement)
    const tally = tallies.getStore()
    if (tally !== undefined) {
      tally.statements += 1
      tally.rows += result.rows.length
      tally.ms += performance.now() - startedAt
    }
    return result
  }
  const prepared = newStatements()
  return {
    pool,
    waits,
    models: createClient({ query: (text: unknown) => query(text as Statement) }, models, { prepare: true }),
    rows: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) => {
      const statement = prepared.of(text)
      try {
        return (await query({ ...statement, values })).rows as Row[]
      } catch (error) {
        if (codeOf(error) !== CHANGED_RESULT) throw error
        return (await query({ ...prepared.anew(statement), values })).rows as Row[]
      }
    },
    transaction: async (work) => await untilDone(async () => await withTransaction(pool, work)),
    close: async () => {
      await Promise.all([pool.end(), waits.end()])
    },
  }
}

/** How much of a word has to be in a name for the search to find it: half, so that two letters may have changed places. */
const NEAR_ENOUGH = '-c pg_trgm.word_similarity_threshold=0.45'

function withSettings(url: string): string {
  const target = new URL(url)
  const options = target.searchParams.get('options')
  target.searchParams.set('options', options === null ? NEAR_ENOUGH : `${options} ${NEAR_ENOUGH}`)
  return target.href
}

interface Statement {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

type Prepared = Omit<Statement, 'values'>

/** SQLSTATE of a prepared statement whose columns have changed since: a read model has a new version. */
const CHANGED_RESULT = '0A000'
/** Of two transactions that wait for each other one is ended, and of two that contradict each other one. */
const TRY_AGAIN = ['40P01', '40001']
const TRIES = 4
/** Whoever was in the way is woken meanwhile, and gets what it waits for. */
const PAUSE_MS = 20

/** Names for statements that are prepared: an application has some dozens of texts. */
function newStatements(): { of: (text: string) => Prepared; anew: (before: Prepared) => Prepared } {
  const statements = new Map<string, Prepared>()
  let made = 0
  const make = (text: string) => {
    made += 1
    const statement = { name: `page_${String(made)}`, text }
    statements.set(text, statement)
    return statement
  }
  return {
    of: (text) => statements.get(text) ?? make(text),
    anew: (before) => {
      const now = statements.get(before.text)
      return now === undefined || now.name === before.name ? make(before.text) : now
    },
  }
}

/** Tries again what PostgreSQL has ended for the sake of others: nothing of it was kept. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !TRY_AGAIN.includes(codeOf(error) ?? '')) throw error
      await setTimeout(PAUSE_MS)
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
