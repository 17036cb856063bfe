import { Command } from 'commander'
import { wholeNumber } from '../../src/cli/number-option.ts'
import { compileModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import { withConnection, type Connection } from '../../src/pg/client.ts'
import { loadParser } from '../../src/sql/parse.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { drainOnce } from '../../src/work/drain.ts'
import { readModels, type InstalledModel } from '../../src/work/model.ts'
import { quantile } from '../leaderboard/measure.ts'
import { inOwnDatabase } from '../load/own-database.ts'

const { rows, times } = new Command('first-rows')
  .description(
    'Measures what one change of a key with many rows takes to drain: first rows kept, and looked for anew.',
  )
  .option('--rows <n>', 'rows of the key', wholeNumber(1), 1_000_000)
  .option('--times <n>', 'drains of each', wholeNumber(1), 15)
  .addHelpText('after', '\nDATABASE_URL names a server on which databases can be made.')
  .parse()
  .opts<{ readonly rows: number; readonly times: number }>()

/** Each twice: as it folds, and written so that it says the same and does not. */
const QUERIES = {
  'max, folded': `(select max(m.sent) from messages m where m.thread_id = t.id)`,
  'max, recomputed': `(select max(m.sent) from messages m where m.thread_id = t.id having true)`,
  'latest, folded': `(select m.body from messages m where m.thread_id = t.id order by m.sent desc, m.id desc limit 1)`,
  'latest, recomputed': `(select m.body from messages m where m.thread_id = t.id order by m.sent desc, m.id desc limit 1 offset 0)`,
} as const

const INDEXES = { 'by key': '(thread_id)', 'by key and order': '(thread_id, sent, id)' } as const

const CHANGES = {
  'a new last row': `insert into messages (thread_id, sent, body)
    select 1, max(sent) + interval '1 second', 'new' from messages where thread_id = 1`,
  'an old row goes': `delete from messages where id = (select min(id) from messages where thread_id = 1)`,
  'the last row goes': `delete from messages where thread_id = 1 and sent = (select max(sent) from messages where thread_id = 1)`,
} as const

const serverUrl = process.env['DATABASE_URL']
if (serverUrl === undefined) throw new Error('DATABASE_URL is not set')
await loadParser()
await inOwnDatabase(serverUrl, (url) =>
  withConnection({ url }, async (client) => {
    const models = await makeModels(client)
    for (const [name, columns] of [['none', null], ...Object.entries(INDEXES)] as const) {
      await client.query('drop index if exists by_thread')
      if (columns !== null) await client.query(`create index by_thread on messages ${columns}`)
      await client.query('vacuum analyze messages')
      console.log(`\nindex: ${name}; ms of one drain, the median of ${String(times)}`)
      console.table(await measure(client, models))
    }
  }),
)

/** One thread has the rows, the others have one each; stored at once by the first drain. */
async function makeModels(client: Connection): Promise<readonly InstalledModel[]> {
  await client.query(`
    create table threads (id int primary key);
    create table messages (
      id bigint generated always as identity primary key,
      thread_id int not null,
      sent timestamptz not null,
      body text not null
    );
    insert into threads select i from generate_series(1, 1000) as i`)
  await client.query(
    `insert into messages (thread_id, sent, body)
     select 1, timestamptz '2026-01-01' + i * interval '1 second', 'message ' || i from generate_series(1, $1::int) as i
     union all
     select i, '2026-01-01', 'hello' from generate_series(2, 1000) as i`,
    [rows],
  )
  await client.query('create index by_thread on messages (thread_id, sent, id)')
  await client.query('vacuum analyze')
  const compiled = []
  for (const [name, query] of Object.entries(QUERIES)) {
    compiled.push(
      await compileModel(client, {
        schema: 'public',
        name: name.replaceAll(', ', '_'),
        key: ['id'],
        query: `select t.id, ${query} as value from threads t`,
        indexes: [],
      }),
    )
  }
  await install(client, compiled)
  const models = await readModels(client)
  await drainAll(client, models)
  return models
}

async function measure(client: Connection, models: readonly InstalledModel[]) {
  const taken: Record<string, Record<string, number>> = {}
  for (const [change, statement] of Object.entries(CHANGES)) {
    const ms = new Map(models.map(({ name }) => [name, [] as number[]]))
    for (let i = 0; i < times; i += 1) {
      await client.query(statement)
      for (const { name, plan } of models) {
        const from = performance.now()
        await drainOnce(client, plan)
        ms.get(name)?.push(performance.now() - from)
      }
    }
    taken[change] = Object.fromEntries(
      [...ms].map(([name, values]) => [name, Number(quantile(values, 0.5).toFixed(1))]),
    )
  }
  return taken
}
