import { expect, inject, test } from 'vitest'
import { WAIT_MS } from '../../../../test/support/patience.ts'
import { PAGE_KINDS, WRITE_KINDS } from '../../src/load/mix.ts'
import { errorsIn } from '../../src/load/report.ts'
import { runLoad } from '../../src/load/run-load.ts'
import { tablesOf } from '../../src/load/tables.ts'
import { SCALES } from '../../src/sizes.ts'

/** Seconds of load; the shortest that every kind of request comes in. */
const SECONDS = Number(process.env['MILLRACE_LOAD_SECONDS'] ?? 4)

test('a small load: no errors, and what was sent is what the web server counted', async () => {
  const report = await runLoad({
    serverUrl: inject('serverUrl'),
    sizes: SCALES.tiny,
    seed: 1,
    sessions: 60,
    thinkMs: 1_000,
    giveUpMs: WAIT_MS,
    warmUpSeconds: 1,
    seconds: SECONDS,
    live: 5,
    contenderSeconds: 1,
    samples: 10,
    port: 0,
    signal: new AbortController().signal,
    say: () => undefined,
    progress: () => undefined,
  })
  const { generated, contenders, databaseMs } = report
  expect([generated.errors, errorsIn(generated.kinds), report.workerFailures]).toEqual([[], 0, []])
  expect(report.answered).toBe(generated.sent)
  expect(report.live).toMatchObject({ connections: 5, lost: 0 })
  expect(Object.keys(generated.kinds)).toEqual(expect.arrayContaining([...PAGE_KINDS, ...WRITE_KINDS]))
  expect(Object.keys(report.lags)).toContain('mv_feed_projects')
  for (const costs of [databaseMs, ...contenders.map((it) => it.databaseMs)]) {
    expect(Object.values(costs ?? {}).filter((ms) => ms > 0)).toHaveLength(PAGE_KINDS.length)
  }
  expect(contenders.map(({ name, driven }) => [name, driven.errors])).toEqual([
    ['live joins', []],
    ['as planned', []],
  ])
  expect(tablesOf(report)).toContain(`${String(generated.sent)} requests were sent in all`)
})
