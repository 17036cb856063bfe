import { loadParser } from '../../../src/sql/parse.ts'
import { drainAndCompare, findDifferences, type Difference } from './check.ts'
import { compileQuery } from './compile-queries.ts'
import type { DrawnQuery } from './query.ts'
import { setUp, type Scene, type Stage } from './scene.ts'
import { simplerQueries } from './simpler-queries.ts'
import { installAll, type Found, type KeptQuery } from './world.ts'
import type { Transaction } from './writer.ts'

/** A difference that shows when all is done one after the other. */
interface Case {
  readonly scene: Scene
  readonly query: DrawnQuery
  readonly rounds: readonly (readonly Transaction[])[]
}

export interface SmallCase {
  readonly scene: Scene
  readonly found: Found
}

/** Queries to a database: that one differs is looked up for all of them at once. */
const TOGETHER = 24

/**
 * Makes a case smaller as long as it still differs: clauses, columns, tables of the query; then statements; then tables. After
 * Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002). Undefined where nothing differs
 * when the transactions come one after the other.
 */
export async function shrinkCase(scene: Scene, found: Found, until: number): Promise<SmallCase | undefined> {
  await loadParser()
  const first: Case = {
    scene: { definitions: scene.definitions, rows: scene.rows },
    query: found.query,
    rounds: found.rounds,
  }
  if ((await replay(first, [first.query]))[0]?.length === 0) return undefined

  let small = first
  for (let before = ''; before !== JSON.stringify(small) && performance.now() < until;) {
    before = JSON.stringify(small)
    small = await shrinkQuery(small, until)
    small = await shrinkStatements(small, until)
  }
  const [rows = []] = await replay(small, [small.query])
  return { scene: small.scene, found: { ...found, query: small.query, rounds: small.rounds, rows } }
}

async function shrinkQuery(start: Case, until: number): Promise<Case> {
  let small = start
  for (let goesOn = true; goesOn && performance.now() < until;) {
    goesOn = false
    const candidates = simplerQueries(small.query)
    for (let i = 0; i < candidates.length && !goesOn && performance.now() < until; i += TOGETHER) {
      const some = candidates.slice(i, i + TOGETHER)
      const results = await replay(small, some)
      const better = some.find((_, at) => (results[at]?.length ?? 0) > 0)
      if (better === undefined) continue
      small = { ...small, query: better }
      goesOn = true
    }
  }
  return small
}

/** Everything but the query is a list of statements, of which halves, quarters … single ones are left out. */
async function shrinkStatements(start: Case, until: number): Promise<Case> {
  let small = start
  for (let size = Math.ceil(linesOf(small).length / 2); size >= 1 && performance.now() < until;) {
    let isSmaller = false
    for (let at = 0; at < linesOf(small).length && performance.now() < until;) {
      const fewer = without(small, at, size)
      const [rows = []] = await replay(fewer, [fewer.query])
      if (rows.length > 0) {
        small = fewer
        isSmaller = true
      } else {
        at += size
      }
    }
    if (size === 1 && !isSmaller) return small
    size = size === 1 ? 1 : Math.ceil(size / 2)
  }
  return small
}

interface Line {
  readonly kind: 'definition' | 'row' | 'statement'
  readonly text: string
  readonly round: number
}

function linesOf({ scene, rounds }: Case): readonly Line[] {
  return [
    ...rounds.flatMap((round, i) =>
      round.flatMap(({ statements }) =>
        statements.map((text): Line => ({ kind: 'statement', text, round: i })),
      ),
    ),
    ...scene.rows.map((text): Line => ({ kind: 'row', text, round: -1 })),
    ...scene.definitions.map((text): Line => ({ kind: 'definition', text, round: -1 })),
  ]
}

/** Each statement that is left is a transaction of its own from here on, as long as that differs too. */
function without(it: Case, at: number, size: number): Case {
  const lines = linesOf(it).filter((_, i) => i < at || i >= at + size)
  const texts = (kind: Line['kind']) => lines.filter((line) => line.kind === kind).map(({ text }) => text)
  const rounds = it.rounds.map((_, i): readonly Transaction[] => {
    const statements = lines
      .filter((line) => line.kind === 'statement' && line.round === i)
      .map(({ text }) => text)
    return statements.length === 0 ? [] : [{ isolation: 'read committed', statements }]
  })
  return { ...it, scene: { definitions: texts('definition'), rows: texts('row') }, rounds }
}

/** What differs, for each query: all that are kept, in one database, with the transactions one after the other. */
async function replay(it: Case, queries: readonly DrawnQuery[]): Promise<readonly (readonly Difference[])[]> {
  const stage = await setUp(it.scene)
  try {
    const results = await play(stage, it, queries)
    return queries.map((query) => results.get(query) ?? [])
  } catch (error) {
    // One that cannot be installed takes the others with it: by itself it is a difference.
    if (queries.length === 1) return [[{ side: 'error', row: `it cannot be installed: ${String(error)}` }]]
    const each: (readonly Difference[])[] = []
    for (const query of queries) each.push(...(await replay(it, [query])))
    return each
  } finally {
    await stage.database.drop()
  }
}

async function play(
  { database }: Stage,
  { rounds }: Case,
  queries: readonly DrawnQuery[],
): Promise<ReadonlyMap<DrawnQuery, readonly Difference[]>> {
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  const writer = await database.connect('writer')
  const kept: KeptQuery[] = []
  for (const [i, query] of queries.entries()) {
    const compiled = await compileQuery(owner, query, `m${String(i)}`)
    if (compiled.kind === 'kept') kept.push(compiled)
  }
  const found = new Map<DrawnQuery, readonly Difference[]>()
  if (kept.length === 0) return found
  const installed = await installAll(database, kept)

  const look = async (isDrained: boolean) => {
    for (const {
      kept: { query },
      model,
    } of installed) {
      if (found.has(query)) continue
      const check = async () => {
        const kept = { text: query.text, plan: model.plan }
        const drained = isDrained ? (await drainAndCompare(worker, kept, model)).rows : []
        return drained.length > 0 ? drained : await findDifferences(owner, kept, { isDrained })
      }
      const rows = await check().catch((error: unknown) => [{ side: 'error', row: String(error) }])
      if (rows.length > 0) found.set(query, rows)
    }
  }
  await look(true)
  for (const round of rounds) {
    for (const { statements } of round) {
      await writer.query('begin')
      for (const statement of statements) {
        await writer.query(`savepoint s; ${statement}; release s`).catch(() => writer.query('rollback to s'))
      }
      await writer.query('commit')
    }
    await look(false)
    await look(true)
  }
  return found
}
