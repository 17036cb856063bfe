import { install } from '../../../src/migrate/install.ts'
import type { Client, Connection } from '../../../src/pg/client.ts'
import { hasSqlState, SQLSTATE } from '../../../src/pg/errors.ts'
import { drainOnce } from '../../../src/work/drain.ts'
import { hasLeftovers } from '../../../src/work/drain.sql.ts'
import { readModels, type InstalledModel } from '../../../src/work/model.ts'
import type { TestDatabase } from '../../support/database.ts'
import { ROLES } from '../../support/roles.ts'
import type { Random } from '../random.ts'
import { drainAndCompare, findDifferences, findStoredDifferences, type Difference } from './check.ts'
import type { Compiled } from './compile-queries.ts'
import { unitsFound } from './found-by-paths.ts'
import type { Schema } from './schema.ts'
import { drawTransaction, type Transaction } from './writer.ts'

export type KeptQuery = Extract<Compiled, { kind: 'kept' }>

/** A query that was kept wrongly, or that could not be kept on. */
export interface Found {
  readonly query: KeptQuery['query']
  readonly when: string
  readonly rows: readonly Difference[]
  /** Committed before, in the order of their commits; a round ends with a drain. */
  readonly rounds: readonly (readonly Transaction[])[]
}

export interface WorldOutcome {
  readonly found: readonly Found[]
  readonly checks: number
  /** Looks at what writers had kept, with nothing left to the worker. */
  readonly keptByWriters: number
  readonly conflicts: number
  readonly statements: number
  /** For each model, how many stored rows the drains after the backfill changed. */
  readonly rowsChanged: ReadonlyMap<string, number>
  /** For each model that was looked at, how many units each of its paths found. */
  readonly unitsFound: ReadonlyMap<string, readonly number[]>
}

export interface WorldOptions {
  readonly random: Random
  readonly schema: Schema
  readonly rounds: number
}

/**
 * All models in one database: rounds of random transactions by concurrent sessions, drains at random moments, and after
 * each round what is read strictly and what is stored, before and after a drain of all, against the user's own SELECT.
 */
export async function runWorld(
  database: TestDatabase,
  kept: readonly KeptQuery[],
  options: WorldOptions,
): Promise<WorldOutcome> {
  const world = new World(database, await installAll(database, kept), options)
  await world.run()
  return world.outcome()
}

interface Installed {
  readonly kept: KeptQuery
  readonly model: InstalledModel
}

export async function installAll(
  database: TestDatabase,
  kept: readonly KeptQuery[],
): Promise<readonly Installed[]> {
  const owner = await database.connect('owner')
  await install(
    owner,
    kept.map(({ model }) => model),
    { roles: { worker: ROLES.worker, reader: ROLES.reader } },
  )
  const models = await readModels(owner)
  return kept.flatMap((it) => {
    const model = models.find(({ name }) => name === it.model.definition.name)
    return model === undefined ? [] : [{ kept: it, model }]
  })
}

class World {
  readonly #database: TestDatabase
  readonly #options: WorldOptions
  readonly #found: Found[] = []
  readonly #rowsChanged = new Map<string, number>()
  readonly #unitsFound = new Map<string, readonly number[]>()
  readonly #rounds: Transaction[][] = []
  readonly #counts = { checks: 0, keptByWriters: 0, conflicts: 0, statements: 0 }
  #models: readonly Installed[]
  #isWriting = false

  constructor(database: TestDatabase, models: readonly Installed[], options: WorldOptions) {
    this.#database = database
    this.#models = models
    this.#options = options
  }

  async run(): Promise<void> {
    const { random, rounds } = this.#options
    const sessions = 2 + random.below(3)
    const writers = await Promise.all(
      Array.from({ length: sessions }, () => this.#database.connect('writer')),
    )
    const worker = await this.#database.connect('worker')
    const owner = await this.#database.connect('owner')
    await this.#checkAll(owner, 'after the backfill', true)
    for (let round = 1; round <= rounds; round += 1) {
      this.#rounds.push([])
      await this.#writeAndDrain(writers, worker)
      const name = `round ${String(round)}`
      await this.#checkAll(owner, `${name}, before the drain`, false)
      await this.#checkImmediate(owner, `${name}, by its writers`)
      await this.#countUnits(owner)
      await this.#drainAll(worker, name)
      await this.#checkAll(owner, `${name}, after the drain`, true)
    }
  }

  outcome(): WorldOutcome {
    return {
      ...this.#counts,
      found: this.#found,
      rowsChanged: this.#rowsChanged,
      unitsFound: this.#unitsFound,
    }
  }

  async #writeAndDrain(writers: readonly Connection[], worker: Connection): Promise<void> {
    const { random, schema } = this.#options
    const work = writers.map((writer) => ({
      writer,
      transactions: Array.from({ length: 2 + random.below(3) }, () => drawTransaction(random, schema)),
    }))
    const drained = this.#models.filter(() => random.oneIn(6))
    this.#isWriting = true
    const drains = this.#drainSome(worker, drained)
    await Promise.all(
      work.map(async ({ writer, transactions }) => {
        for (const it of transactions) await this.#write(writer, it)
      }),
    )
    this.#isWriting = false
    await drains
  }

  /** Conflicts between writers are theirs; a statement that fails by itself is taken back. */
  async #write(writer: Connection, { isolation, statements }: Transaction): Promise<void> {
    const done: string[] = []
    await writer.query(`begin isolation level ${isolation}`)
    try {
      for (const statement of statements) if (await this.#attempt(writer, statement)) done.push(statement)
      await writer.query('commit')
    } catch (error) {
      if (!isConflict(error)) throw error
      await writer.query('rollback')
      this.#counts.conflicts += 1
      return
    }
    this.#counts.statements += done.length
    if (done.length > 0) this.#rounds.at(-1)?.push({ isolation, statements: done })
  }

  async #attempt(writer: Connection, statement: string): Promise<boolean> {
    try {
      await writer.query(`savepoint s; ${statement}; release s`)
      return true
    } catch (error) {
      if (isConflict(error)) throw error
      await writer.query('rollback to s')
      return false
    }
  }

  /** While others write: what a drain has stored is checked in its own snapshot. */
  async #drainSome(worker: Connection, models: readonly Installed[]): Promise<void> {
    for (const it of models) {
      if (!this.#isWriting) return
      await this.#guarded(it, 'in a drain while others write', async () => {
        let rows: readonly Difference[] = []
        const { rowsChanged } = await drainOnce(worker, it.model.plan, {
          beforeCommit: async (client) => {
            this.#counts.checks += 1
            rows = await findStoredDifferences(client, { text: it.kept.query.text, plan: it.model.plan })
          },
        })
        this.#countRows(it, rowsChanged)
        return rows
      })
    }
  }

  async #drainAll(worker: Connection, name: string): Promise<void> {
    for (const it of this.#models) {
      await this.#guarded(it, `${name}, in the drain`, async () => {
        const chunk = this.#options.random.oneIn(3) ? 3 : 10_000
        const kept = { text: it.kept.query.text, plan: it.model.plan }
        const { rows, rowsChanged } = await drainAndCompare(worker, kept, it.model, { chunk })
        this.#countRows(it, rowsChanged)
        return rows
      })
    }
  }

  async #checkAll(owner: Client, when: string, isDrained: boolean): Promise<void> {
    for (const it of this.#models) {
      this.#counts.checks += 1
      const kept = { text: it.kept.query.text, plan: it.model.plan }
      await this.#guarded(it, when, () => findDifferences(owner, kept, { isDrained }))
    }
  }

  /** What the writers have not left to the worker is right as it is stored. */
  async #checkImmediate(owner: Client, when: string): Promise<void> {
    for (const it of this.#models) {
      const { plan } = it.model
      if (plan.immediate === null) continue
      await this.#guarded(it, when, async () => {
        const [left] = await owner.query<{ exists: boolean }>(hasLeftovers(plan))
        if (left?.exists !== false) return []
        this.#counts.keptByWriters += 1
        return await findDifferences(owner, { text: it.kept.query.text, plan }, { isDrained: true })
      })
    }
  }

  /** Of every fourth model: all would take as long as the checks. */
  async #countUnits(owner: Client): Promise<void> {
    for (const [i, { model }] of this.#models.entries()) {
      if (i % 4 !== 0 || model.plan.immediate !== null) continue
      const before = this.#unitsFound.get(model.name)
      const counts = await unitsFound(owner, model.plan)
      this.#unitsFound.set(
        model.name,
        counts.map((count, path) => count + (before?.[path] ?? 0)),
      )
    }
  }

  /** A model that differs or fails is looked at no more. */
  async #guarded(it: Installed, when: string, check: () => Promise<readonly Difference[]>): Promise<void> {
    const rows = await check().catch((error: unknown) => [{ side: 'error', row: String(error) }])
    if (rows.length === 0) return
    this.#models = this.#models.filter((other) => other !== it)
    this.#found.push({ query: it.kept.query, when, rows, rounds: this.#rounds.map((round) => [...round]) })
  }

  /** Of those that their writers keep a drain has nothing to change. */
  #countRows({ model }: Installed, rows: number): void {
    if (model.plan.immediate !== null) return
    this.#rowsChanged.set(model.name, (this.#rowsChanged.get(model.name) ?? 0) + rows)
  }
}

function isConflict(error: unknown): boolean {
  return hasSqlState(error, SQLSTATE.SERIALIZATION_FAILURE, SQLSTATE.DEADLOCK_DETECTED)
}
