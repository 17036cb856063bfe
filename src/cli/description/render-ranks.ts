import type { DescribedRanks } from '../../explain/describe-ranks.ts'
import { counted } from '../progress.ts'
import { table } from './layout.ts'

/** What a rank and a page read, and what a drain does for them. */
export function renderRanks(ranks: readonly DescribedRanks[]): readonly string[] {
  return [
    ...table(
      ranks.map(({ order, within, levels, most }) => [
        within.length === 0 ? 'of all rows' : `within ${within.join(', ')}`,
        `by ${order.join(', ')}`,
        levels === 0
          ? `a rank reads at most ${String(most)} rows`
          : `a rank reads at most ${String(most)} rows, and as many counts on ${counted(levels, 'level')}`,
      ]),
    ),
    'a drain counts a row that moves where it was and where it is, in each of them; others cost nothing',
  ]
}
