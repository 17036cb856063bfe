import { expect, test } from 'vitest'
import { drainsOf, runWorker } from './running-worker.ts'
import { createStage } from './stage.ts'

/** More by environment variable: MILLRACE_WIDE_UNITS=200000. The number of ranges stays. */
const UNITS = Number(process.env['MILLRACE_WIDE_UNITS'] ?? '10000')
const RANGES = 20

const SCHEMA = `
  create table items (id int primary key, n int not null);
  create table news (id int primary key, n int not null);
  insert into items select i, 0 from generate_series(1, ${String(UNITS)}) as i;
  insert into news values (1, 0);`

/** Seen to fail (19 ranges instead of one) with a worker that stays with a model until nothing of it waits. */
test('a change of very many units is drained in ranges, and a change of another model waits for one of them at most', async () => {
  const batch = UNITS / RANGES
  const stage = await createStage({
    schema: SCHEMA,
    models: [
      {
        name: 'wide',
        key: 'id',
        query: 'select id, n from items',
        pace: { maxLagMs: 60_000, batch, pauseMs: 0 },
      },
      { name: 'fresh', key: 'id', query: 'select id, n from news' },
    ],
  })
  const [writer, wide] = [await stage.session(), await stage.session()]
  const worker = runWorker(stage.database.url('worker'))
  await worker.until(({ kind }) => kind === 'started')
  await wide.query('update items set n = n + 1')

  const written: string[] = []
  for (let ranges = 1; !isDone(); ranges += 1) {
    await worker.until(() => drainsOf(worker, 'wide').length >= ranges)
    const [row] = await writer.query<{ xid: string }>(
      'update news set n = n + 1 returning pg_current_xact_id()::text as xid',
    )
    written.push(row?.xid ?? '')
  }
  function isDone(): boolean {
    return drainsOf(worker, 'wide').some(({ backlog }) => backlog !== null && backlog.done === backlog.total)
  }
  const last = drainsOf(worker, 'fresh').length
  await writer.query('update news set n = n + 1')
  await worker.until(() => drainsOf(worker, 'fresh').length > last)
  await worker.stop()

  const drains = drainsOf(worker, 'wide')
  expect(drains.length).toBeGreaterThanOrEqual(RANGES)
  expect(Math.max(...drains.map(({ result }) => result.units))).toBeLessThanOrEqual(batch)
  const progress = drains.flatMap(({ backlog }) => backlog ?? [])
  expect(progress.map(({ done }) => done)).toEqual(progress.map(({ done }) => done).toSorted((a, b) => a - b))
  expect(progress.at(-1)).toEqual({ done: UNITS, total: UNITS })

  expect(written.length).toBeGreaterThan(RANGES / 2)
  expect(Math.max(...(await rangesBefore(stage.owner, written)))).toBeLessThanOrEqual(1)
  await stage.expectExact()
})

/** For each writer of news: how many ranges were drained after its commit and before the drain that shows it. */
async function rangesBefore(
  client: Awaited<ReturnType<typeof createStage>>['owner'],
  written: readonly string[],
): Promise<readonly number[]> {
  const rows = await client.query<{ ranges: number }>(
    `select (select count(*)::int
             from millrace.watermark as w
             where w.model = 'wide_v1'
               and w.reached_at < shown.at
               and pg_visible_in_snapshot(writer.id, w.snapshot::pg_snapshot)) as ranges
     from unnest($1::text[]::xid8[]) as writer (id)
     cross join lateral (
       select min(w.reached_at) as at
       from millrace.watermark as w
       where w.model = 'fresh_v1' and pg_visible_in_snapshot(writer.id, w.snapshot::pg_snapshot)
     ) as shown
     where shown.at is not null`,
    [written],
  )
  expect(rows.length).toBe(written.length)
  return rows.map(({ ranges }) => ranges)
}
