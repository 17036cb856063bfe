import { Command } from 'commander'
import { wholeNumber } from '../../src/cli/number-option.ts'
import { withConnection } from '../../src/pg/client.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { inOwnDatabase } from '../load/own-database.ts'
import { makeBoard } from './board.ts'
import { measureDrains, measureReads, type Answered } from './measure.ts'

interface Options {
  readonly sizes: readonly number[]
  readonly times: number
  readonly drains: number
}

/** Beyond it a second copy of the rows takes longer than what it tells is worth. */
const PLAIN_UP_TO = 1_000_000

const options = new Command('leaderboard')
  .description(
    'Measures what a rank, a page and their neighbours take as a leaderboard grows, and what ranks cost a drain.',
  )
  .option(
    '--sizes <rows>',
    'numbers of rows; the first is what others are held against',
    (text) => text.split(',').map((it) => wholeNumber(1, 100_000_000)(it.trim())),
    [10_000, 1_000_000],
  )
  .option('--times <n>', 'how often each question is asked', wholeNumber(1), 300)
  .option('--drains <n>', 'how many drains of 1,000 changed rows', wholeNumber(1), 15)
  .addHelpText(
    'after',
    '\nDATABASE_URL names a server on which databases can be made. 10 million: --sizes 10000,10000000',
  )
  .parse()
  .opts<Options>()

const url = process.env['DATABASE_URL']
if (url === undefined) throw new Error('DATABASE_URL is not set')
await loadParser()
const bySize = new Map<number, readonly Answered[]>()
for (const rows of options.sizes) {
  bySize.set(rows, await measureSize(url, rows, options))
  show(rows, options.sizes[0] ?? rows)
}

async function measureSize(
  serverUrl: string,
  rows: number,
  { times, drains }: Options,
): Promise<readonly Answered[]> {
  const plain = rows > PLAIN_UP_TO ? undefined : await measurePlain(serverUrl, rows, drains)
  return await inOwnDatabase(serverUrl, (own) =>
    withConnection({ url: own }, async (client) => {
      const model = await makeBoard(client, { rows, isRanked: true })
      const answered = await measureReads(client, rows, times)
      const kept = await measureDrains(client, model, { rows, changed: 1000, times: drains })
      const without =
        plain === undefined ? '' : `, ${plain.toFixed(0)} ms without (${(kept / plain).toFixed(2)})`
      console.log(
        `\n${rows.toLocaleString('en')} rows: a drain of 1,000 changed rows takes ${kept.toFixed(0)} ms with two rank trees${without}`,
      )
      return answered
    }),
  )
}

/** The same drains where nothing is ranked. */
async function measurePlain(serverUrl: string, rows: number, times: number): Promise<number> {
  return await inOwnDatabase(serverUrl, (own) =>
    withConnection({ url: own }, async (client) => {
      const model = await makeBoard(client, { rows, isRanked: false })
      return await measureDrains(client, model, { rows, changed: 1000, times })
    }),
  )
}

/** Medians, and their ratio to the first size in the same run. */
function show(rows: number, first: number): void {
  const base = bySize.get(first) ?? []
  const table = (bySize.get(rows) ?? []).map(({ name, medianMs, p95Ms, pages }, i) => ({
    question: name,
    'median ms': Number(medianMs.toFixed(3)),
    'p95 ms': Number(p95Ms.toFixed(3)),
    pages,
    [`ratio to ${first.toLocaleString('en')} rows`]: Number(
      (medianMs / (base[i]?.medianMs ?? medianMs)).toFixed(2),
    ),
  }))
  console.table(table)
}
