import type { Batch } from './batch.ts'
import { describeFound } from './report.ts'
import type { Found } from './world.ts'
import { shrinkCase } from './shrink-case.ts'

const SECONDS = Number(process.env['MILLRACE_GENERATOR_SHRINK_SECONDS'] ?? 60)

/** The first few differences as the smallest cases that still differ, in the time that there is. */
export async function shrinkAll(batches: readonly Batch[]): Promise<readonly string[]> {
  const cases: readonly Case[] = batches.flatMap((batch) => batch.found.map((found) => ({ batch, found })))
  const texts: string[] = []
  const until = performance.now() + SECONDS * 1_000
  for (const { batch, found } of unlike(cases).slice(0, 10)) {
    const share = Math.min(until, performance.now() + (SECONDS * 1_000) / 3)
    const small = performance.now() < until ? await shrinkCase(batch.scene, found, share) : undefined
    texts.push(
      small === undefined
        ? `not smaller: only concurrently, or there was no time\n${describeFound(batch, found)}`
        : describeFound({ seed: batch.seed, scene: { ...batch.scene, ...small.scene } }, small.found),
    )
  }
  return texts
}

interface Case {
  readonly batch: Batch
  readonly found: Found
}

/** Many queries meet one error: the first of each is enough. Rows that differ may differ for any reason. */
function unlike(cases: readonly Case[]): readonly Case[] {
  const errorOf = ({ found }: Case) => found.rows.find(({ side }) => side === 'error')?.row.split('\n')[0]
  return cases.filter(
    (it, i) => errorOf(it) === undefined || cases.findIndex((other) => errorOf(other) === errorOf(it)) === i,
  )
}
