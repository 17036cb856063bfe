import { expect, test } from 'vitest'
import { work } from '../../src/work/loop.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { captureTriggers } from '../../src/doctor/checks/capture-triggers.ts'
import { LIMITS } from '../../src/doctor/doctor.ts'
import { ROLES } from '../support/roles.ts'

const EXAMINATION = {
  declared: [],
  schedule: { refreshed: [], jobs: [] },
  searchPath: undefined,
  workerRole: undefined,
  limits: LIMITS,
}

/** DESIGN 4: writes straight to a partition fire its own triggers only, and one may be attached at any time. */
test('a partition that is attached comes with its rows, and is captured from then on', async () => {
  const database = await createTestDatabase(`
    create table events (id int not null, kind text not null) partition by list (kind);
    create table events_a partition of events for values in ('a');
    insert into events values (1, 'a');`)
  const owner = await database.connect('owner')
  await installModels(owner, [
    { name: 'per_kind', key: 'kind', query: 'select kind, count(*) as n from events group by kind' },
  ])
  const application = await database.connect('application')
  await application.query(`
    create table events_b (id int not null, kind text not null);
    grant select, trigger on events_b to public;
    insert into events_b values (1, 'b'), (2, 'b');
    alter table events attach partition events_b for values in ('b');`)

  const reader = await database.connect('reader')
  const stored = () => reader.query('select kind, n::int from per_kind order by kind')
  const stop = new AbortController()
  const working = work({ url: database.url('worker'), signal: stop.signal })
  await expect.poll(stored).toEqual([
    { kind: 'a', n: 1 },
    { kind: 'b', n: 2 },
  ])

  await application.query(`insert into events_b values (3, 'b'); delete from events_a`)
  await expect.poll(stored).toEqual([{ kind: 'b', n: 3 }])
  stop.abort()
  await working
})

test('a partition that Millrace may not capture is told by doctor', async () => {
  const database = await createTestDatabase(`
    create table events (id int not null, kind text not null) partition by list (kind);
    create table events_a partition of events for values in ('a');`)
  const owner = await database.connect('owner')
  const models = await installModels(owner, [
    { name: 'per_kind', key: 'kind', query: 'select kind, count(*) as n from events group by kind' },
  ])
  const application = await database.connect('application')
  await application.query(`
    create table events_b (id int not null, kind text not null);
    revoke all on events_b from ${ROLES.owner};
    alter table events attach partition events_b for values in ('b');`)

  const findings = await captureTriggers({ ...EXAMINATION, client: owner, models })
  const [finding] = findings
  expect(findings).toHaveLength(1)
  expect(finding?.message).toContain('its partition events_b has no capture triggers')
  for (const it of finding?.remedy ?? [])
    if (it.kind === 'sql') await application.query(it.sql).catch(() => owner.query(it.sql))
  expect(await captureTriggers({ ...EXAMINATION, client: owner, models })).toEqual([])
})
