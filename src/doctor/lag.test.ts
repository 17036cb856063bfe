import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { lag } from './checks/lag.ts'
import { LIMITS } from './doctor.ts'
import type { Examination } from './finding.ts'

const QUERY = 'select id, n from items'
const PACE = { maxLagMs: 60_000, batch: 10_000, pauseMs: 0 }

/** Each was drained five minutes ago, and a change waits. */
const MODELS = [
  { name: 'usual', severity: 'error' },
  { name: 'patient', pace: { ...PACE, maxLagMs: 600_000 }, severity: 'warning' },
  { name: 'hurried', pace: { ...PACE, maxLagMs: 1_000 }, severity: 'error' },
  // It pauses for ten minutes, so nothing is late.
  { name: 'pausing', pace: { ...PACE, maxLagMs: 900_000, pauseMs: 600_000 }, severity: undefined },
  { name: 'late', pace: { ...PACE, maxLagMs: 280_000, pauseMs: 100_000 }, severity: 'error' },
] as const

test('a change that waits is judged by what its model allows', async () => {
  const database = await createTestDatabase('create table items (id int primary key, n int)')
  const owner = await database.connect('owner')
  const models = await installModels(owner, [
    { name: 'above', key: 'id', query: 'select id, n from beside' },
    { name: 'beside', key: 'id', query: 'select id, n from hurried where n > 0' },
    ...MODELS.map(({ name, ...it }) => ({
      name,
      key: 'id',
      query: QUERY,
      ...('pace' in it && { pace: it.pace }),
    })),
  ])
  await (await database.connect('writer')).query('insert into items values (1, 1)')
  await owner.query(`update millrace.watermark set reached_at = clock_timestamp() - interval '5 minutes'`)

  const limits = { ...LIMITS, patienceMs: 0 }
  const findings = await lag({ client: owner, models, limits } as unknown as Examination)
  const found = MODELS.map(({ name }) => findings.find(({ object }) => object === `public.${name}`)?.severity)
  expect(found).toEqual(MODELS.map(({ severity }) => severity))
  const hurried = findings.find(({ object }) => object === 'public.hurried')?.message
  expect(hurried).toContain('they may wait 1 s')
  expect(hurried).toMatch(/; as late are, by way of it, public\.beside, public\.above$/)
  expect(findings).toHaveLength(MODELS.filter(({ severity }) => severity !== undefined).length)
})
