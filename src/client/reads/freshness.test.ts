import { expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { installModels } from '../../../test/support/models.ts'
import { drainAll } from '../../work/drain-all.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null, ends_at timestamptz);
  create table votes (user_id int, project_id int references projects, primary key (user_id, project_id));
  create index on votes (project_id);
  create index on projects (ends_at);
  insert into projects select i, 'project ' || i from generate_series(1, 20) as i;`

const MODELS = [
  {
    name: 'tally',
    key: 'id',
    query: `select p.id, p.title, (select count(*) from votes v where v.project_id = p.id) as ups from projects p`,
  },
  {
    name: 'tally_at_once',
    key: 'project_id',
    freshness: 'immediate' as const,
    query: `select project_id, count(*) as ups from votes group by project_id`,
  },
  { name: 'open', key: 'id', query: `select id, title from projects where ends_at > now()` },
]

test('as many changes wait as a drain would find, for readers who may not look into queues', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const worker = await database.connect('worker')
  const reader = await database.connect('reader')
  const models = await installModels(owner, MODELS)
  const waiting = async () => {
    const rows = await reader.query<{ name: string; waiting: string }>(
      `select n as name, f.waiting::text from unnest($1::text[]) as n cross join millrace.freshness(n) as f`,
      [MODELS.map(({ name }) => name)],
    )
    return Object.fromEntries(rows.map((it) => [it.name, Number(it.waiting)]))
  }
  const found = async () => {
    const rows: (readonly [string, number | undefined])[] = []
    for (const { name, storage, plan } of models) {
      const [mark] = await owner.query<{ snapshot: string; horizon: string }>(
        `select snapshot, horizon::text from millrace.watermark where model = $1 order by n desc limit 1`,
        [storage],
      )
      const [window] = await owner.query<{ changes: number }>(plan.statements.window, [
        mark?.snapshot,
        mark?.horizon,
      ])
      rows.push([name, window?.changes])
    }
    return Object.fromEntries(rows)
  }
  expect(await waiting()).toEqual({ tally: 0, tally_at_once: 0, open: 0 })

  await writer.query('begin')
  await writer.query(`update projects set title = 'new' where id <= 3`)
  expect(await waiting()).toEqual({ tally: 0, tally_at_once: 0, open: 0 })
  await writer.query('commit')
  await writer.query('insert into votes select i, 1 from generate_series(1, 4) as i')
  await writer.query(`update projects set ends_at = now() + interval '1 ms' where id = 5`)
  await writer.query('select pg_sleep(0.01)')
  expect(await waiting()).toEqual(await found())
  expect(await waiting()).toMatchObject({ tally: 8, tally_at_once: 0 })
  await expect(reader.query('select from millrace.queue_votes')).rejects.toThrow(/permission denied/)
  await expect(reader.query(`select millrace.queue_votes('{}'::xid8[], true)`)).rejects.toThrow(
    /permission denied/,
  )

  await drainAll(worker, models)
  expect(await waiting()).toEqual({ tally: 0, tally_at_once: 0, open: 0 })
})
