import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { wholeNumber } from '../../src/cli/number-option.ts'
import { compileDeclared } from '../../src/migrate/compile-declared.ts'
import { installInOrder, removeInOrder } from '../../src/migrate/in-order.ts'
import { withConnection, type Connection } from '../../src/pg/client.ts'
import type { Draft } from '../../src/take-over/draft.ts'
import { propose } from '../../src/take-over/propose.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { readModels } from '../../src/work/model.ts'
import { readScheduled } from '../../src/work/schedule/installed.ts'
import { quantile } from '../leaderboard/measure.ts'
import { runLoad } from '../load/closed-loop.ts'
import { inOwnDatabase } from '../load/own-database.ts'
import { startWorker } from '../load/worker.ts'

const {
  clients,
  eventual = false,
  pairs,
  projects,
  seconds,
} = new Command('taking-over')
  .description('Measures what writers commit while pages are kept by hand, and after a take-over.')
  .option('--clients <n>', 'writers at once', wholeNumber(1), 8)
  .option('--eventual', 'counters too, which init declares immediate where it can')
  .option('--pairs <n>', 'times that it is taken over and given back', wholeNumber(1), 3)
  .option('--projects <n>', 'projects, with half as many users and ten votes each', wholeNumber(100), 2_000)
  .option('--seconds <n>', 'for each kind of write', wholeNumber(1), 5)
  .addHelpText('after', '\nDATABASE_URL names a server on which databases can be made.')
  .parse()
  .opts<Readonly<Record<'clients' | 'pairs' | 'projects' | 'seconds', number>> & { eventual?: boolean }>()

const users = Math.floor(projects / 2)
const next = { id: 10_000_000 }
const some = (count: number) => 1 + Math.floor(Math.random() * count)

/** One row in a transaction of its own, as the application writes it. */
const WRITES: Readonly<Record<string, () => { readonly text: string; readonly values: readonly number[] }>> =
  {
    'a vote': () => ({
      text: `insert into upvotes values ($1, $2, true)
      on conflict (user_id, project_id) do update set is_upvote = not upvotes.is_upvote`,
      values: [some(users), some(projects)],
    }),
    'a badge': () => ({
      text: `insert into validation_badges values ($1, $2, $3, 'gold')`,
      values: [(next.id += 1), some(projects), some(users)],
    }),
    'a message': () => ({
      text: `insert into direct_messages values ($1, $2, $3, 'hello')`,
      values: [(next.id += 1), some(users), some(users)],
    }),
    'a message to one': () => ({
      text: `insert into direct_messages values ($1, $2, 1, 'hello')`,
      values: [(next.id += 1), some(users)],
    }),
    'a request': () => ({
      text: 'insert into intro_requests values ($1, $2, $3)',
      values: [(next.id += 1), some(users), some(users)],
    }),
  }

const serverUrl = process.env['DATABASE_URL']
if (serverUrl === undefined) throw new Error('DATABASE_URL is not set')
await inOwnDatabase(serverUrl, (url) =>
  withConnection({ url }, async (client) => {
    await makeByHand(client)
    const { takeOver } = await propose(client, {
      only: [],
      searchPath: undefined,
      signal: new AbortController().signal,
    })
    console.log(`taken over: ${takeOver.map(({ relation }) => relation.name).join(', ')}`)
    const results: { readonly hand: Rates; readonly taken: Rates }[] = []
    for (let pair = 0; pair < pairs; pair += 1) {
      const hand = await measure(url)
      await install(client, takeOver)
      const worker = await startWorker(url)
      const taken = await measure(url)
      await worker.stop()
      await requireExact(client)
      await giveBack(client)
      results.push({ hand, taken })
    }
    console.log(`commits a second of ${String(clients)} writers, medians of ${String(pairs)} pairs`)
    console.table(Object.fromEntries(Object.keys(WRITES).map((write) => [write, row(write, results)])))
  }),
)

/** The data of the test that takes it over, larger; the triggers fill their tables, the views are refreshed once. */
async function makeByHand(client: Connection): Promise<void> {
  const sql = await readFile(
    new URL('../../test/end-to-end/taking-over/by-hand.sql', import.meta.url),
    'utf8',
  )
  await client.query(sql)
  await client.query(`set session_replication_role = replica;
    insert into users select i, 'user ' || i, i % 7 <> 0 from generate_series(1, ${String(users)}) as i;
    insert into projects select i, 1 + i % ${String(users)}, 'project ' || i, i * 7 % 50, 0, i % 9 = 0, '2026-01-01'
    from generate_series(1, ${String(projects)}) as i;
    insert into upvotes select 1 + (p * 13 + v * 7919) % ${String(users)}, p, v % 4 <> 0
    from generate_series(1, ${String(projects)}) as p, generate_series(1, 10) as v on conflict do nothing;
    insert into user_dashboard_stats (user_id, project_count, active_projects, total_proof_score)
    select u.id, count(p.id), count(p.id) filter (where not p.is_deleted), coalesce(sum(p.proof_score) filter (where not p.is_deleted), 0)
    from users u left join projects p on p.user_id = u.id group by u.id;
    set session_replication_role = origin;
    refresh materialized view mv_feed_projects;
    refresh materialized view mv_leaderboard_builders;
    refresh materialized view mv_search_index`)
  await client.query('vacuum analyze')
}

type Rates = ReadonlyMap<string, number>

async function measure(url: string): Promise<Rates> {
  const rates = new Map<string, number>()
  for (const [name, write] of Object.entries(WRITES)) {
    const statement = () => ({ ...write(), name }) as never
    const load = await runLoad({ url, clients, warmUpMs: 500, measureMs: seconds * 1_000, statement })
    rates.set(name, load.perSecond)
  }
  return rates
}

async function install(client: Connection, drafts: readonly Draft[]): Promise<void> {
  const definitions = drafts.map(({ relation, replaces, freshness, ...it }) => ({
    ...it,
    ...relation,
    replaces: replaces ?? undefined,
    freshness: eventual && freshness === 'immediate' ? ('eventual' as const) : freshness,
  }))
  const declared = await compileDeclared(client, {
    models: definitions.flatMap(({ freshness, ...it }) =>
      typeof freshness === 'string' ? [{ ...it, freshness }] : [],
    ),
    refreshed: definitions.flatMap(({ freshness, ...it }) =>
      typeof freshness === 'string'
        ? []
        : [{ ...it, schedule: { every: freshness.every, timeZone: 'UTC', timeoutMs: 600_000 } }],
    ),
    jobs: [],
  })
  await installInOrder(client, { models: declared.models, ...declared.schedule }, {})
}

/** What was measured is worth nothing if it is wrong: the stored rows are held against the queries. */
async function requireExact(client: Connection): Promise<void> {
  const models = await readModels(client)
  await drainAll(client, models)
  for (const { plan, name } of models) {
    const [found] = await client.query<{ wrong: string }>(
      `select count(*) as wrong from (
         (table ${name} except all (${plan.query})) union all ((${plan.query}) except all table ${name})) as x`,
    )
    if (found?.wrong !== '0') throw new Error(`${name}: ${found?.wrong ?? ''} rows are wrong`)
  }
}

async function giveBack(client: Connection): Promise<void> {
  await removeInOrder(
    client,
    { models: await readModels(client), scheduled: await readScheduled(client) },
    {},
  )
}

function row(write: string, results: readonly { readonly hand: Rates; readonly taken: Rates }[]) {
  const of = (rates: Rates) => rates.get(write) ?? 0
  return {
    'by hand':
      Math.round(
        quantile(
          results.map(({ hand }) => of(hand)),
          0.5,
        ) * 10,
      ) / 10,
    'taken over': Math.round(
      quantile(
        results.map(({ taken }) => of(taken)),
        0.5,
      ),
    ),
    ratio: Number(
      quantile(
        results.map(({ hand, taken }) => of(taken) / of(hand)),
        0.5,
      ).toPrecision(3),
    ),
  }
}
