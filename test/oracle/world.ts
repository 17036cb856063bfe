import type { Client, Connection } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { drainOnce } from '../../src/work/drain.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { rotate } from '../../src/work/rotate.ts'
import type { TestDatabase } from '../support/database.ts'
import { compareHidden, compareStored, compareStrictly, compareWaiting, type Difference } from './compare.ts'
import { isConflict, seesRowsTwice } from './conflicts.ts'
import { Coverage, ISOLATIONS } from './coverage.ts'
import { randomOperation } from './operations.ts'
import { prepare } from './prepare.ts'
import { randomFrom, type Random } from './random.ts'
import { TABLES } from './tables.ts'

export interface WorldOptions {
  readonly seed: number
  readonly sessions: number
  readonly operations: number
  /** Goes on until every cell that an operation could fill is filled, up to ten times as many operations. */
  readonly untilCovered?: boolean
  /** Stop at the first difference. */
  readonly stopOnDifference?: boolean
  /** Write to these tables only; all of them if not given. */
  readonly tables?: readonly string[]
  /** Of the times that a TRUNCATE is drawn. */
  readonly truncateOnceIn?: number
  /** Of the drains, how often one begins a rebuild; never if not given. */
  readonly rebuildOnceIn?: number
  /** What the drainers work through, in place of their own connection. */
  readonly worker?: (connection: Client) => Client
}

export interface Outcome {
  readonly operations: number
  readonly commits: number
  readonly conflicts: number
  readonly drains: number
  readonly drainChecks: number
  readonly strictChecks: number
  readonly rotations: number
  readonly rowsChanged: ReadonlyMap<string, number>
  readonly differences: readonly Found[]
  readonly coverage: Coverage
}

export interface Found {
  readonly model: string
  readonly check: string
  readonly rows: readonly Difference[]
  /** How many operations had been drawn by then. */
  readonly after: number
}

/**
 * Random transactions of several sessions, drains and rotations at once, and at random moments the question: is what
 * Millrace stored or answered what the query says? Seeded: each actor draws from a stream of its own.
 */
export async function runWorld(
  database: TestDatabase,
  models: readonly InstalledModel[],
  options: WorldOptions,
): Promise<Outcome> {
  await prepare(database, models)
  const world = new World(database, models, options)
  await world.run()
  return world.outcome()
}

/** One TRUNCATE keeps out every check with an older snapshot, and these it: PostgreSQL's documented exception. */
const TRUNCATE_GATE = 4711

class World {
  readonly #database: TestDatabase
  readonly #models: readonly InstalledModel[]
  readonly #options: WorldOptions
  readonly #coverage: Coverage
  readonly #differences: Found[] = []
  readonly #rowsChanged = new Map<string, number>()
  readonly #counts = {
    operations: 0,
    commits: 0,
    conflicts: 0,
    drains: 0,
    drainChecks: 0,
    strictChecks: 0,
    rotations: 0,
  }
  #isOver = false
  #failure: Error | undefined

  constructor(database: TestDatabase, models: readonly InstalledModel[], options: WorldOptions) {
    this.#database = database
    this.#models = models
    this.#options = options
    this.#coverage = new Coverage(models)
  }

  async run(): Promise<void> {
    const { sessions, seed } = this.#options
    const writers = Array.from({ length: sessions }, (_, i) => this.#writer(i, randomFrom(seed * 1_000 + i)))
    const others = [
      this.#drainer(randomFrom(seed * 1_000 + 501)),
      this.#drainer(randomFrom(seed * 1_000 + 502)),
      this.#reader(randomFrom(seed * 1_000 + 601)),
    ].map((it) => this.#endingAll(it))
    await Promise.all(writers.map((it) => this.#endingAll(it)))
    this.#isOver = true
    await Promise.all(others)
    if (this.#failure !== undefined) throw this.#failure
    if (!this.#hasFound()) await this.#settle()
  }

  /** An actor that fails ends the world; the others finish what they are at. */
  async #endingAll(actor: Promise<void>): Promise<void> {
    try {
      await actor
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error))
    }
  }

  outcome(): Outcome {
    return {
      ...this.#counts,
      rowsChanged: this.#rowsChanged,
      differences: this.#differences,
      coverage: this.#coverage,
    }
  }

  #hasEnded(): boolean {
    return this.#failure !== undefined || this.#hasFound() || this.#hasEnough()
  }

  #hasEnough(): boolean {
    const { operations, untilCovered = false } = this.#options
    if (this.#counts.operations < operations) return false
    return (
      !untilCovered || this.#counts.operations >= 10 * operations || this.#coverage.emptyCells().length === 0
    )
  }

  #hasFound(): boolean {
    return this.#options.stopOnDifference === true && this.#differences.length > 0
  }

  async #writer(index: number, random: Random): Promise<void> {
    const client = await this.#database.connect('writer')
    const { truncateOnceIn = 60 } = this.#options
    const tables = TABLES.filter(({ name }) => this.#options.tables?.includes(name) ?? true)
    for (let n = 0; !this.#hasEnded(); n += 1) {
      const isolation = random.pick(ISOLATIONS)
      const operations = Array.from({ length: 1 + random.below(12) }, () =>
        randomOperation(random, tables, truncateOnceIn),
      )
      this.#counts.operations += operations.length

      const truncates = operations.some(({ kind }) => kind === 'truncate')
      const checks = !truncates && random.oneIn(12)
      const prepares = !truncates && !checks && random.oneIn(15)
      const text = operations.map(({ sql }) => sql).join(';\n')
      await this.#guarded(client, truncates, checks || isolation !== 'read committed', async () => {
        await client.query(`begin isolation level ${isolation};\n${text}`)
        if (checks) await this.#checkStrict(client, random, `own writes, ${isolation}`)
        if (prepares) {
          const name = `w${String(index)}_${String(n)}`
          await client.query(`prepare transaction '${name}'`)
          if (random.oneIn(2)) await new Promise((resolve) => setTimeout(resolve, random.below(20)))
          await client.query(`${random.oneIn(4) ? 'rollback' : 'commit'} prepared '${name}'`)
        } else {
          await client.query(random.oneIn(10) ? 'rollback' : 'commit')
        }
        this.#counts.commits += 1
        for (const operation of operations) this.#coverage.count(operation, isolation)
      })
    }
  }

  /** Runs a transaction; conflicts between writers are theirs, and are counted. */
  async #guarded(
    client: Connection,
    truncates: boolean,
    isLong: boolean,
    run: () => Promise<void>,
  ): Promise<void> {
    const gate = truncates ? '' : '_shared'
    const needsGate = truncates || isLong
    if (needsGate) await client.query(`select pg_advisory_lock${gate}(${String(TRUNCATE_GATE)})`)
    try {
      await run()
    } catch (error) {
      if (!isConflict(error)) throw error
      await client.query('rollback')
      this.#counts.conflicts += 1
    } finally {
      if (needsGate) await client.query(`select pg_advisory_unlock${gate}(${String(TRUNCATE_GATE)})`)
    }
  }

  /** Drains all models in some order, then empties what queues it can: as two workers would, and less politely. */
  async #drainer(random: Random): Promise<void> {
    const worker = await this.#worker()
    while (!this.#isOver && this.#failure === undefined) {
      for (const model of shuffled(this.#models, random)) await this.#drainOne(worker, model, random)
      const { emptied } = await rotate(worker, this.#models, { everySlot: random.oneIn(2) })
      this.#counts.rotations += emptied
    }
  }

  async #worker(): Promise<Client> {
    const connection = await this.#database.connect('worker')
    return this.#options.worker?.(connection) ?? connection
  }

  async #drainOne(worker: Client, { plan, name }: InstalledModel, random: Random): Promise<void> {
    const { rebuildOnceIn } = this.#options
    const result = await drainOnce(worker, plan, {
      rebuild: rebuildOnceIn !== undefined && random.oneIn(rebuildOnceIn),
      chunk: random.oneIn(4) ? 1 + random.below(20) : 10_000,
      lockTimeoutMs: 500,
      beforeCommit: async (client) => {
        this.#counts.drainChecks += 1
        this.#report(name, 'after a drain', await compareStored(client, plan))
      },
    })
    if (result.status === 'drained') this.#counts.drains += 1
    this.#rowsChanged.set(name, (this.#rowsChanged.get(name) ?? 0) + result.rowsChanged)
  }

  /** Strict reads from outside, in snapshots of any age. */
  async #reader(random: Random): Promise<void> {
    const owner = await this.#database.connect('owner')
    while (!this.#isOver && this.#failure === undefined) {
      await owner.query(`select pg_advisory_lock_shared(${String(TRUNCATE_GATE)})`)
      await owner.query('begin isolation level repeatable read')
      await owner.query('select 1')
      if (random.oneIn(3)) await this.#nextRotation()
      for (let i = 0; i < 4; i += 1) await this.#checkStrict(owner, random, 'from outside')
      await owner.query('commit')
      await owner.query(`select pg_advisory_unlock_shared(${String(TRUNCATE_GATE)})`)
    }
  }

  /** A queue is emptied behind the back of an old snapshot; or nothing has been written for a while. */
  async #nextRotation(): Promise<void> {
    const before = this.#counts.rotations
    for (let looks = 0; looks < 30 && this.#counts.rotations === before && !this.#isOver; looks += 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
  }

  async #checkStrict(client: Connection, random: Random, what: string): Promise<void> {
    const { plan, name } = random.pick(this.#models)
    this.#counts.strictChecks += 1
    const { how, rows } = await compareStrictly(client, plan, random)
    if (rows.length > 0 && (await seesRowsTwice(client, plan))) return
    this.#report(name, `strict ${how} ${what}`, rows)
  }

  async #settle(): Promise<void> {
    const worker = await this.#worker()
    const owner = await this.#database.connect('owner')
    await drainAll(worker, this.#models, {
      onDrain: ({ name }, { rowsChanged }) => {
        this.#rowsChanged.set(name, (this.#rowsChanged.get(name) ?? 0) + rowsChanged)
      },
    })
    for (const { plan, name } of this.#models) {
      this.#report(name, 'at the end', await compareStored(owner, plan))
      this.#report(name, 'at the end, hidden columns too', await compareHidden(owner, plan))
      this.#report(name, 'at the end', await compareWaiting(owner, plan))
    }
  }

  #report(model: string, check: string, rows: readonly Difference[]): void {
    if (rows.length > 0) this.#differences.push({ model, check, rows, after: this.#counts.operations })
  }
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random.below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
