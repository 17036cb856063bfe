import { Command } from 'commander'
import { wholeNumber } from '../../src/cli/number-option.ts'
import { withConnection } from '../../src/pg/client.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { inOwnDatabase } from '../load/own-database.ts'
import { makeBoard, type Board } from './board.ts'
import { measureDrains, measureReads, quantile, type Answered } from './measure.ts'

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

const serverUrl = process.env['DATABASE_URL']
if (serverUrl === undefined) throw new Error('DATABASE_URL is not set')
await loadParser()
await withBoards(serverUrl, options.sizes, [], async (boards) => {
  showReads(await measureReads(boards, options.times))
  for (const board of boards) await showDrains(serverUrl, board, options.drains)
})

/** All of them stand at once, so that each question is put to one size after the other while the machine is as it is. */
async function withBoards(
  server: string,
  [rows, ...others]: readonly number[],
  made: readonly Board[],
  use: (boards: readonly Board[]) => Promise<void>,
): Promise<void> {
  if (rows === undefined) {
    await use(made)
    return
  }
  await inOwnDatabase(server, (url) =>
    withConnection({ url }, async (client) => {
      const model = await makeBoard(client, { rows, isRanked: true })
      await withBoards(server, others, [...made, { rows, client, model }], use)
    }),
  )
}

function showReads(answered: readonly Answered[]): void {
  for (const rows of options.sizes) {
    console.log(`\n${rows.toLocaleString('en')} rows`)
    console.table(
      answered
        .filter((it) => it.rows === rows)
        .map(({ name, ms, pages }) => {
          const first = answered.find((it) => it.name === name)?.ms ?? ms
          return {
            question: name,
            // What a busy machine disturbs least.
            'fastest 5% ms': round(quantile(ms, 0.05), 3),
            'median ms': round(quantile(ms, 0.5), 3),
            'p95 ms': round(quantile(ms, 0.95), 3),
            pages,
            'ratio of fastest': round(quantile(ms, 0.05) / quantile(first, 0.05), 2),
            'of medians': round(quantile(ms, 0.5) / quantile(first, 0.5), 2),
          }
        }),
    )
  }
}

async function showDrains(server: string, { rows, client, model }: Board, times: number): Promise<void> {
  const changes = { rows, changed: 1000, times }
  const kept = await measureDrains(client, model, changes)
  const said = `${rows.toLocaleString('en')} rows: a drain of 1,000 changed rows takes ${kept.toFixed(0)} ms with two rank trees`
  if (rows > PLAIN_UP_TO) {
    console.log(said)
    return
  }
  await inOwnDatabase(server, (url) =>
    withConnection({ url }, async (plain) => {
      const without = await measureDrains(plain, await makeBoard(plain, { rows, isRanked: false }), changes)
      console.log(`${said}, ${without.toFixed(0)} ms without (${(kept / without).toFixed(2)})`)
    }),
  )
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
