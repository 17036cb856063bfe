import { expect, test } from 'vitest'
import { refusalCodes } from '../support/documented-errors.ts'
import { SEED } from '../support/seed.ts'
import { runBatch, type Batch } from './generator/batch.ts'
import type { Compiled } from './generator/compile-queries.ts'
import { drawQuery } from './generator/query.ts'
import { describeFound, isSupported, shapeTable } from './generator/report.ts'
import { drawScene } from './generator/scene.ts'
import { shrinkAll } from './generator/shrink.ts'
import { randomFrom } from './random.ts'

const QUERIES = Number(process.env['MILLRACE_GENERATED_QUERIES'] ?? 150)
const ROUNDS = Number(process.env['MILLRACE_GENERATOR_ROUNDS'] ?? 3)
/** Queries to a database: many share the cost of its schema, and each makes every capture function longer. */
const TOGETHER = 30
/** From so many on somebody wants to know what became of each shape. */
const LARGE = 2_000

test(`${String(QUERIES)} random queries are refused by a code, or kept exactly`, { timeout: 0 }, async () => {
  const batches = await runBatches()
  const compiled = batches.flatMap((it) => it.compiled)
  const found = batches.flatMap((batch) => batch.found.map((it) => describeFound(batch, it)))
  summarize(batches, compiled)
  for (const text of await shrinkAll(batches)) console.info(text)

  expect(found.map((it) => it.split('\n')[0])).toEqual([])
  expect(brokenOf(compiled).slice(0, 3), 'failures that are no refusals').toEqual([])
  const codes = compiled.flatMap((it) => (it.kind === 'refused' ? [it.code] : []))
  expect(codes.filter((code) => !refusalCodes().includes(code))).toEqual([])
  const wrongly = compiled.filter(({ kind, query }) => kind === 'kept' && query.mustRefuse)
  expect(wrongly.map(({ query }) => query.text)).toEqual([])
  expect(of(compiled, 'rejected').length, 'queries that the server does not take').toBeLessThan(QUERIES / 50)
  expectKept(compiled)
  expect(batches.some(({ worlds }) => worlds.some(({ keptByWriters }) => keptByWriters > 0))).toBe(true)
  expectTeeth(batches)
})

test('a seed draws the same scene and the same queries again', () => {
  const draw = () => {
    const { definitions, rows, schema, views } = drawScene(randomFrom(SEED))
    return { definitions, rows, query: drawQuery(randomFrom(SEED), schema, views) }
  }
  expect(draw()).toEqual(draw())
})

/** Two databases at a time: one waits for the server while the other computes. */
async function runBatches(): Promise<readonly Batch[]> {
  const batches: Batch[] = []
  const count = Math.ceil(QUERIES / TOGETHER)
  let next = 0
  const work = async () => {
    for (let i = next++; i < count; i = next++) {
      const queries = Math.min(TOGETHER, QUERIES - i * TOGETHER)
      batches.push(await runBatch({ seed: SEED + i, queries, rounds: ROUNDS }))
    }
  }
  await Promise.all([work(), work()])
  return batches
}

function of(compiled: readonly Compiled[], kind: Compiled['kind']): readonly Compiled[] {
  return compiled.filter((it) => it.kind === kind)
}

function brokenOf(compiled: readonly Compiled[]): readonly string[] {
  return compiled.flatMap((it) =>
    it.kind === 'broken' ? [`${it.message}\n${it.query.text}\n-- key ${it.query.key.join(', ')}`] : [],
  )
}

function summarize(batches: readonly Batch[], compiled: readonly Compiled[]): void {
  const promised = compiled.filter((it) => it.kind !== 'rejected' && isSupported(it))
  const worlds = batches.flatMap((it) => it.worlds)
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
  const counts = {
    kept: of(compiled, 'kept').length,
    immediate: compiled.filter((it) => it.kind === 'kept' && it.model.plan.immediate !== null).length,
    refused: of(compiled, 'refused').length,
    rejectedByTheServer: of(compiled, 'rejected').length,
    promised: promised.length,
    promisedAndKept: of(promised, 'kept').length,
    checks: sum(worlds.map(({ checks }) => checks)),
    keptByWriters: sum(worlds.map(({ keptByWriters }) => keptByWriters)),
    statements: sum(worlds.map(({ statements }) => statements)),
    conflicts: sum(worlds.map(({ conflicts }) => conflicts)),
    rowsChanged: sum(worlds.flatMap(({ rowsChanged }) => [...rowsChanged.values()])),
    modelsThatChanged: changesOf(batches).filter((rows) => rows > 0).length,
    ...pathsOf(batches),
  }
  console.info(JSON.stringify(counts))
  if (QUERIES >= LARGE) console.info(shapeTable(compiled))
}

/** Refusing is no way to be right. */
function expectKept(compiled: readonly Compiled[]): void {
  const promised = compiled.filter((it) => it.kind !== 'rejected' && isSupported(it))
  expect(of(promised, 'kept').length / promised.length).toBeGreaterThanOrEqual(0.8)
}

/** Paths of the models that were looked at, and those of them that found a unit. */
function pathsOf(batches: readonly Batch[]): { readonly paths: number; readonly pathsThatFound: number } {
  const counts = batches.flatMap(({ worlds }) =>
    worlds.flatMap(({ unitsFound }) => [...unitsFound.values()].flat()),
  )
  return { paths: counts.length, pathsThatFound: counts.filter((units) => units > 0).length }
}

/** For each model how many rows the drains changed after its backfill. */
function changesOf(batches: readonly Batch[]): readonly number[] {
  return batches.flatMap(({ worlds }) => worlds.flatMap(({ rowsChanged }) => [...rowsChanged.values()]))
}

/** Half of the answers change at least while they are watched: a query that stays as it was proves nothing. */
function expectTeeth(batches: readonly Batch[]): void {
  const changed = changesOf(batches)
  expect(changed.filter((rows) => rows > 0).length).toBeGreaterThan(changed.length * 0.5)
  const { paths, pathsThatFound } = pathsOf(batches)
  expect(pathsThatFound).toBeGreaterThan(paths * 0.4)
}
