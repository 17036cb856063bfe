import type { Batch } from './batch.ts'
import type { Compiled } from './compile-queries.ts'
import type { Found } from './world.ts'

interface Counts {
  drawn: number
  kept: number
  readonly refused: Map<string, number>
}

/** For each shape how many queries have it, how many of those are kept, and by which codes the others are refused. */
export function shapeTable(compiled: readonly Compiled[]): string {
  const shapes = new Map<string, Counts>()
  for (const it of compiled) {
    if (it.kind === 'rejected') continue
    for (const shape of ['all', ...(isSupported(it) ? ['all that is promised'] : []), ...it.query.shapes]) {
      const counts = shapes.get(shape) ?? { drawn: 0, kept: 0, refused: new Map<string, number>() }
      shapes.set(shape, counts)
      count(counts, it)
    }
  }
  const lines = [...shapes]
    .sort(([, a], [, b]) => b.drawn - a.drawn)
    .map(([shape, counts]) => lineOf(shape, counts))
  return ['shape                                    drawn   kept', ...lines].join('\n')
}

function count(counts: Counts, it: Compiled): void {
  counts.drawn += 1
  if (it.kind === 'kept') counts.kept += 1
  if (it.kind === 'refused') counts.refused.set(it.code, (counts.refused.get(it.code) ?? 0) + 1)
}

function lineOf(shape: string, { drawn, kept, refused }: Counts): string {
  const codes = [...refused].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${String(times)}`)
  return `${shape.padEnd(38)} ${String(drawn).padStart(7)} ${String(kept).padStart(6)}  ${codes.join(', ')}`
}

/** Of shapes alone that are promised to be kept. */
export function isSupported({ query }: Compiled): boolean {
  return ![...query.shapes].some((shape) => shape.startsWith('!'))
}

/** Everything that it takes to look into a difference. */
export function describeFound(
  { seed, scene }: Pick<Batch, 'seed' | 'scene'>,
  { query, when, rows, rounds }: Found,
): string {
  const transactions = rounds.map((round, i) =>
    [
      `-- round ${String(i + 1)}, then a drain`,
      ...round.map(({ isolation, statements }) =>
        [`begin isolation level ${isolation};`, ...statements.map((it) => `${it};`), 'commit;'].join('\n'),
      ),
    ].join('\n'),
  )
  return [
    `-- ${when}; seed ${String(seed)}; key ${query.key.map((it) => JSON.stringify(it)).join(', ')}`,
    ...scene.definitions.map((it) => `${it};`),
    ...scene.rows.map((it) => `${it};`),
    `-- the query\n${query.text};`,
    ...transactions,
    '-- differs in',
    ...rows.map(({ side, row }) => `-- ${side}: ${row}`),
  ].join('\n')
}
