import { randomFrom } from '../random.ts'
import { compileQuery, type Compile, type Compiled } from './compile-queries.ts'
import { drawQuery } from './query.ts'
import { drawScene, setUp, type DrawnScene, type Stage } from './scene.ts'
import { runWorld, type Found, type KeptQuery, type WorldOutcome } from './world.ts'

export interface BatchOptions {
  readonly seed: number
  readonly queries: number
  readonly rounds: number
  /** Another compiler, for those who put a fault into it. */
  readonly compile?: Compile
}

export interface Batch {
  readonly seed: number
  readonly scene: DrawnScene
  readonly compiled: readonly Compiled[]
  readonly found: readonly Found[]
  readonly worlds: readonly WorldOutcome[]
}

/** One random schema with many random queries: what is not refused is kept while random transactions are written. */
export async function runBatch({ seed, queries, rounds, compile }: BatchOptions): Promise<Batch> {
  const scene = drawScene(randomFrom(seed))
  const stage = await setUp(scene)
  try {
    const owner = await stage.database.connect('owner')
    const compiled: Compiled[] = []
    for (let i = 0; i < queries; i += 1) {
      const query = drawQuery(randomFrom(seed * 1_000 + i), scene.schema, scene.views)
      compiled.push(await compileQuery(owner, query, `m${String(i)}`, compile))
    }
    const kept = compiled.filter((it): it is KeptQuery => it.kind === 'kept')
    const run = (it: Stage, some: readonly KeptQuery[]) =>
      runWorld(it.database, some, { random: randomFrom(seed), schema: scene.schema, rounds })
    const { worlds, broken } = await runApart(scene, stage, kept, run)
    return { seed, scene, compiled, found: [...broken, ...worlds.flatMap(({ found }) => found)], worlds }
  } finally {
    await stage.database.drop()
  }
}

interface Ran {
  readonly worlds: readonly WorldOutcome[]
  readonly broken: readonly Found[]
}

/** Where models cannot be installed together, halves of them are, each in a database of its own, down to the culprit. */
async function runApart(
  scene: DrawnScene,
  stage: Stage,
  kept: readonly KeptQuery[],
  run: (stage: Stage, kept: readonly KeptQuery[]) => Promise<WorldOutcome>,
): Promise<Ran> {
  if (kept.length === 0) return { worlds: [], broken: [] }
  try {
    return { worlds: [await run(stage, kept)], broken: [] }
  } catch (error) {
    const [only] = kept
    if (kept.length === 1 && only !== undefined) {
      const rows = [
        { side: 'error', row: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      ]
      return { worlds: [], broken: [{ query: only.query, when: 'when it is installed', rows, rounds: [] }] }
    }
    const half = Math.ceil(kept.length / 2)
    const ran: Ran[] = []
    for (const part of [kept.slice(0, half), kept.slice(half)]) {
      const own = await setUp(scene)
      try {
        ran.push(await runApart(scene, own, part, run))
      } finally {
        await own.database.drop()
      }
    }
    return { worlds: ran.flatMap(({ worlds }) => worlds), broken: ran.flatMap(({ broken }) => broken) }
  }
}
