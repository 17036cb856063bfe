import { setTimeout as pause } from 'node:timers/promises'
import { randomFrom, type Random } from '../oracle/random.ts'
import { connect, type Client, type Connection } from '../../src/pg/client.ts'
import { hasSqlState, isDatabaseError, SQLSTATE } from '../../src/pg/errors.ts'
import { CHANGES, TRUNCATE_REMARKS } from './changes.ts'
import { emptyTables, type Change } from './record.ts'

/** Between transactions: the cores are for those who are tested. */
const PACE_MS = 4
const SLOW_PACE_MS = 100
/** A process that is paused may hold a lock for long; the writer then leaves that change and goes on. */
const LOCK_TIMEOUT = '200ms'

type Outcome = 'committed' | 'aborted' | 'unknown'

interface Transaction {
  readonly n: number
  readonly changes: readonly Change[]
}

/** One session that commits transaction after transaction, and records those that were committed. */
export class Writer {
  readonly tables = emptyTables()
  readonly #url: string
  readonly #random: Random
  readonly #watching = new Set<() => void>()
  #client: Connection | undefined
  #loop: Promise<void> | undefined
  #failure: unknown
  #isStopping = false
  #paceMs = PACE_MS
  #begun = 0
  #commits = 0
  /** The server went away between COMMIT and its answer. */
  #doubt: Transaction | undefined

  constructor(url: string, seed: number) {
    this.#url = url
    this.#random = randomFrom(seed)
  }

  /** Commits one transaction; not while the writer runs by itself. */
  async commit(...changes: readonly Change[]): Promise<void> {
    const client = await this.#connected()
    const outcome = await this.#transaction(client, changes)
    if (outcome !== 'committed') throw new Error(`the transaction was ${outcome}`)
  }

  /** Begins to write, or begins again after a crash of the server. */
  async start(): Promise<void> {
    const client = await this.#connected()
    this.#isStopping = false
    this.#paceMs = PACE_MS
    this.#loop = this.#write(client)
  }

  /** Resolves when so many more transactions have been committed. */
  async commits(more: number): Promise<void> {
    const goal = this.#commits + more
    while (this.#commits < goal) {
      if (this.#loop === undefined) throw new Error('the writer has ended', { cause: this.#failure })
      await new Promise<void>((resolve) => this.#watching.add(resolve))
    }
  }

  /** From now on it only keeps something going on, for as long as others take. */
  slowDown(): void {
    this.#paceMs = SLOW_PACE_MS
  }

  /** Ends the transaction under way, and the session. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#loop
    await this.#disconnect()
    if (this.#failure !== undefined) throw new Error('the writer failed', { cause: this.#failure })
  }

  /** Resolves when the server has cut the session off. */
  async cut(): Promise<void> {
    await this.#loop
    if (this.#client !== undefined) throw new Error('the writer was not cut off', { cause: this.#failure })
  }

  async #write(client: Connection): Promise<void> {
    try {
      for (let outcome: Outcome = 'committed'; !this.#isStopping && outcome !== 'unknown';) {
        outcome = await this.#transaction(client, this.#nextChanges())
        await pause(this.#paceMs)
      }
      if (!this.#isStopping) await this.#disconnect()
    } catch (error) {
      this.#failure = error
    } finally {
      this.#loop = undefined
      this.#wake()
    }
  }

  /** Every kind in its turn, then one or two at random. */
  #nextChanges(): readonly Change[] {
    const n = this.#begun
    if (n % 37 === 36) return [TRUNCATE_REMARKS]
    const inTurn = CHANGES[n % CHANGES.length]
    const kinds = [inTurn, ...Array.from({ length: this.#random.below(3) }, () => this.#random.pick(CHANGES))]
    return kinds.flatMap((change, i) => (change === undefined ? [] : [change(this.#random, n * 10 + i)]))
  }

  async #transaction(client: Client, changes: readonly Change[]): Promise<Outcome> {
    const transaction = { n: this.#begun, changes }
    this.#begun += 1
    const statements = changes.map(({ sql }) => sql).join(';\n')
    try {
      await client.query(`begin; insert into journal values (${String(transaction.n)}); ${statements}`)
    } catch (error) {
      if (isCut(error)) return 'unknown'
      if (!hasSqlState(error, SQLSTATE.LOCK_NOT_AVAILABLE, SQLSTATE.DEADLOCK_DETECTED)) throw error
      await client.query('rollback')
      return 'aborted'
    }
    try {
      await client.query('commit')
    } catch (error) {
      // Immediate models wait for locks at the commit.
      if (hasSqlState(error, SQLSTATE.LOCK_NOT_AVAILABLE, SQLSTATE.DEADLOCK_DETECTED)) return 'aborted'
      if (!isCut(error)) throw error
      this.#doubt = transaction
      return 'unknown'
    }
    this.#record(transaction)
    return 'committed'
  }

  #record({ n, changes }: Transaction): void {
    this.tables.journal.add(n)
    for (const { apply } of changes) apply(this.tables)
    this.#commits += 1
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#watching) resolve()
    this.#watching.clear()
  }

  async #connected(): Promise<Connection> {
    if (this.#client !== undefined) return this.#client
    const client = await connect({ url: this.#url, name: 'test writer' })
    this.#client = client
    await client.query(`set lock_timeout = '${LOCK_TIMEOUT}'`)

    const doubt = this.#doubt
    this.#doubt = undefined
    if (doubt !== undefined) {
      const found = await client.query('select from journal where n = $1', [doubt.n])
      if (found.length > 0) this.#record(doubt)
    }
    return client
  }

  async #disconnect(): Promise<void> {
    await this.#client?.end().catch(() => undefined)
    this.#client = undefined
  }
}

/** The driver's own errors, and those by which the server says good-bye. */
function isCut(error: unknown): boolean {
  return !isDatabaseError(error) || (error.code ?? '').startsWith('57P')
}
