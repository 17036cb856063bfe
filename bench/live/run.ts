import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { wholeNumber } from '../../src/cli/number-option.ts'
import { startWorker } from '../../src/embed/start-worker.ts'
import { compileModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import { withConnection, type Connection } from '../../src/pg/client.ts'
import {
  liveChanges,
  type LiveChanges,
  type LivePageUpdate,
  type LiveUpdate,
} from '../../src/server/live/live-changes.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { quantile } from '../leaderboard/measure.ts'
import { inOwnDatabase } from '../load/own-database.ts'

interface Options {
  readonly subscribers: number
  readonly keys: number
  readonly rows: number
  readonly seconds: number
  readonly rate: number
  readonly pages?: number
}

const options = new Command('live')
  .description(
    'Measures live changes: how late they are, and what they hold, with one worker and many subscribers.',
  )
  .option('--subscribers <n>', 'so many, of whom every tenth takes nothing', wholeNumber(1), 1_000)
  .option('--keys <n>', 'rows that each follows, chosen at random', wholeNumber(1, 1_000), 20)
  .option('--rows <n>', 'rows of the read model', wholeNumber(1), 100_000)
  .option(
    '--pages <n>',
    'follow so many different pages of ten rows instead, each of a category',
    wholeNumber(1, 1_000),
  )
  .option('--seconds <n>', 'for so long', wholeNumber(1), 20)
  .option('--rate <n>', 'changes a second, each of one row', wholeNumber(1), 200)
  .addHelpText('after', '\nDATABASE_URL names a server on which databases can be made.')
  .parse()
  .opts<Options>()

const MODEL = {
  schema: 'public',
  name: 'feed',
  key: ['id'],
  freshness: 'eventual' as const,
  onError: 'fail' as const,
  indexes: [{ columns: ['category', 'changed_at desc'] }],
  query: `select p.id, p.title, p.category, p.changed_at, (select count(*) from votes v where v.project_id = p.id) as votes from projects p`,
}

const serverUrl = process.env['DATABASE_URL']
if (serverUrl === undefined) throw new Error('DATABASE_URL is not set')
await loadParser()
await inOwnDatabase(serverUrl, (url) => withConnection({ url }, (client) => measure(client, url)))

async function measure(client: Connection, url: string): Promise<void> {
  await client.query(`
    create table projects (id int primary key, title text not null, category int not null, changed_at float8 not null);
    create table votes (project_id int, user_id int, primary key (project_id, user_id));
    insert into projects select i, 'project ' || i, i % ${String(options.pages ?? 1)}, 0 from generate_series(1, ${String(options.rows)}) as i;`)
  await install(client, [await compileModel(client, MODEL)])
  await client.query('vacuum analyze')
  const worker = startWorker({ database: url })
  const live = liveChanges({ database: url })
  const before = heapMb()
  const stop = new AbortController()
  const lags: number[] = []
  const followers = subscribe(live, stop.signal, lags)
  while (lags.length < (options.subscribers * 9) / 10) await sleep(10)
  lags.length = 0
  const joined = heapMb()
  const { keys, pages } = live.size
  const what = options.pages === undefined ? `${String(keys)} keys` : `${String(pages)} pages`
  const busy = performance.eventLoopUtilization()
  const { changes, heap } = await write(client)
  const { utilization } = performance.eventLoopUtilization(busy)
  await sleep(1_000)
  stop.abort()
  await Promise.all(followers)
  console.table({
    [`${String(options.subscribers)} subscribers, ${what}`]: {
      changes,
      updates: lags.length,
      'median ms': quantile(lags, 0.5),
      'p95 ms': quantile(lags, 0.95),
      'heap before': before,
      'all subscribed': joined,
      'most while writing': heap,
      'event loop busy': `${String(Math.round(utilization * 100))} %`,
      'load of the machine': loadavg()[0],
    },
  })
  await live.close()
  await worker.stop()
}

/** Notes for each update how long ago its newest change was written, from outside; the first ones have none. */
function subscribe(live: LiveChanges, signal: AbortSignal, lags: number[]): readonly Promise<void>[] {
  return Array.from({ length: options.subscribers }, async (_, i) => {
    for await (const { changes } of followed(live, i, signal)) {
      const newest = Math.max(...changes.map(({ row }) => Number(row?.['changed_at'] ?? 0)))
      lags.push(Date.now() - newest)
      if (i % 10 === 0)
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve()
          })
        })
    }
  })
}

/** Random rows, or one of the pages, by turns. */
function followed(
  live: LiveChanges,
  i: number,
  signal: AbortSignal,
): AsyncIterable<LiveUpdate | LivePageUpdate> {
  if (options.pages !== undefined) {
    const where = { category: i % options.pages }
    return live.subscribe('feed', { page: { orderBy: 'changed_at desc', where }, signal })
  }
  const keys = Array.from({ length: options.keys }, () => 1 + Math.floor(Math.random() * options.rows))
  return live.subscribe('feed', { keys: [...new Set(keys)], signal })
}

/** One row at a time, at the rate. */
async function write(client: Connection): Promise<{ readonly changes: number; readonly heap: number }> {
  const startedAt = performance.now()
  let changes = 0
  let heap = 0
  while (performance.now() - startedAt < options.seconds * 1_000) {
    await client.query('update projects set changed_at = $1::float8 where id = $2::int', [
      Date.now(),
      1 + Math.floor(Math.random() * options.rows),
    ])
    changes += 1
    if (changes % 100 === 0) heap = Math.max(heap, heapMb())
    const aheadMs = (changes * 1_000) / options.rate - (performance.now() - startedAt)
    if (aheadMs > 1) await sleep(aheadMs)
  }
  return { changes, heap }
}

function heapMb(): number {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().heapUsed / 1e5) / 10
}
