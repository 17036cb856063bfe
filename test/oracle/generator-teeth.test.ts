import { afterEach, expect, test, vi } from 'vitest'
import type * as Analyze from '../../src/analyze/analyze.ts'
import type * as Barriers from '../../src/analyze/barriers.ts'
import type * as Edges from '../../src/analyze/edges.ts'
import type * as Variants from '../../src/analyze/variants.ts'
import type * as Compile from '../../src/compile/compile.ts'
import { turnOf } from '../support/seed.ts'
import { runBatch } from './generator/batch.ts'
import type { Compile as CompileQuery } from './generator/compile-queries.ts'
import type { Found } from './generator/world.ts'

/** How many of the faults are tried: all take a minute and more. */
const FAULTS_TRIED = Number(process.env['MILLRACE_GENERATOR_FAULTS'] ?? 1)
/** Queries that are tried before a fault counts as not found. */
const MOST = Number(process.env['MILLRACE_GENERATOR_TEETH_QUERIES'] ?? 600)
const TOGETHER = 30

/** A rule of the compiler that is left out, in the one module that has it; all others are as they are. */
interface Fault {
  readonly name: string
  /** Where the search begins: its batch has a query that shows the fault. */
  readonly seed: number
  readonly make: () => void
}

const FAULTS: readonly Fault[] = [
  {
    name: 'where the key is of several tables, those on the way are read as they are only (LESSONS R1)',
    seed: 100,
    make: () => {
      vi.doMock('../../src/analyze/analyze.ts', async (original) => {
        const sound = await original<typeof Analyze>()
        return {
          ...sound,
          analyze: (...args: Parameters<typeof sound.analyze>) => {
            const outcome = sound.analyze(...args)
            if (outcome.kind === 'refused') return outcome
            const paths = outcome.analysis.paths.map((it) => ({ ...it, readsOld: false }))
            return { ...outcome, analysis: { ...outcome.analysis, paths } }
          },
        }
      })
    },
  },
  {
    name: 'the key with nulls for a row that is missing is not thought of (R2)',
    seed: 105,
    make: () => {
      vi.doMock('../../src/analyze/variants.ts', async (original) => {
        const sound = await original<typeof Variants>()
        const variantsOf: typeof sound.variantsOf = (...args) => sound.variantsOf(...args)?.slice(0, 1)
        return { ...sound, variantsOf }
      })
    },
  },
  {
    name: 'an edge goes through a subquery beside it (R3)',
    seed: 111,
    make: () => {
      vi.doMock('../../src/analyze/edges.ts', async (original) => {
        const sound = await original<typeof Edges>()
        return { ...sound, isRequiredFor: () => true }
      })
    },
  },
  {
    name: 'nothing is a barrier (R4)',
    seed: 101,
    make: () => {
      vi.doMock('../../src/analyze/barriers.ts', async (original) => {
        const sound = await original<typeof Barriers>()
        const transparentOutputs: typeof sound.transparentOutputs = (...args) =>
          sound.transparentOutputs(...args).map(() => true)
        return { ...sound, transparentOutputs }
      })
    },
  },
  {
    name: 'old images of changed rows are left out',
    seed: 100,
    make: () => {
      vi.doMock('../../src/compile/compile.ts', async (original) => {
        const sound = await original<typeof Compile>()
        const compile: typeof sound.compile = (input) => {
          const text = JSON.stringify(sound.compile(input))
          return JSON.parse(text.replaceAll(`op in ('U', 'D')`, `op in ('-')`)) as ReturnType<typeof compile>
        }
        return { ...sound, compile }
      })
    },
  },
]

afterEach(() => {
  vi.doUnmock('../../src/analyze/analyze.ts')
  vi.doUnmock('../../src/analyze/variants.ts')
  vi.doUnmock('../../src/analyze/edges.ts')
  vi.doUnmock('../../src/analyze/barriers.ts')
  vi.doUnmock('../../src/compile/compile.ts')
  vi.resetModules()
})

test.each(turnOf(FAULTS, FAULTS_TRIED))(
  'found: $name',
  { timeout: 0 },
  async ({ name, seed: first, make }) => {
    make()
    const compile = await compilerOfItsOwn()
    let queries = 0
    let found: Found | undefined
    for (let seed = first; found === undefined && queries < MOST; seed += 1) {
      found = await findBy(seed, compile)
      queries += TOGETHER
    }
    console.info(
      `${String(queries)} queries, ${String(found?.when)}, ${JSON.stringify(found?.rows[0])}: ${name}`,
    )
    expect(found, `seed ${String(first)}`).toBeDefined()
  },
)

/** A wrong answer that the fault is the reason of: without it the same query is kept exactly. */
async function findBy(seed: number, compile: CompileQuery): Promise<Found | undefined> {
  const options = { seed, queries: TOGETHER, rounds: 3 }
  const { found } = await runBatch({ ...options, compile })
  const wrong = found.filter(({ rows }) => rows.every(({ side }) => side !== 'error'))
  if (wrong.length === 0) return undefined
  const sound = await runBatch(options)
  return wrong.find(({ query }) => !sound.found.some((it) => it.query.text === query.text))
}

/** The compiler loaded anew, with the fault in it. */
async function compilerOfItsOwn(): Promise<CompileQuery> {
  vi.resetModules()
  const { compileModel } = await import('../../src/migrate/compile-model.ts')
  return compileModel
}
