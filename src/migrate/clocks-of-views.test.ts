import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { drainAll } from '../work/drain-all.ts'

const SCHEMA = `
  create table tasks (id int primary key, person_id int not null, due date not null, made timestamp not null);
  create view utc as select now() at time zone 'UTC' as moment, (now() at time zone 'UTC')::date as day;
  create view due as select id, person_id from tasks where due <= current_date;
  create view by_person as
    select person_id, count(*) filter (where made < localtimestamp - interval '1 hour') as older from tasks group by person_id;
  create view busy as select b.person_id, b.older from by_person b where exists (select from due where due.person_id = b.person_id);
  insert into tasks select 10 + i, i, utc.day + i, utc.moment + i * interval '10 hours' from generate_series(-3, 3) as i, utc;`

/** In one of them it is another day than in UTC, whatever the hour. */
const ZONES = ['<+14>-14', '<-12>+12']

/** What is meant has UTC in it. */
const MODELS = [
  {
    name: 'all_due',
    key: 'id',
    query: 'select id from due',
    meant: 'select id from tasks, utc where due <= day',
  },
  {
    name: 'counted',
    key: 'person_id',
    query: 'select person_id, older from by_person',
    meant: `select person_id, count(*) filter (where made < moment - interval '1 hour') as older from tasks, utc group by person_id`,
  },
  {
    name: 'zoned',
    key: 'person_id',
    settings: { TimeZone: 'UTC' },
    query: 'select person_id, older from busy',
    meant: `select person_id, count(*) filter (where made < moment - interval '1 hour') as older
            from tasks, utc group by person_id having bool_or(due <= day)`,
  },
]

test.each(ZONES)('the clock of a view tells the time in UTC, also in a session in %s', async (zone) => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  const application = await database.connect('application')
  for (const client of [owner, worker]) await client.query(`set timezone = '${zone}'`)
  await drainAll(worker, await installModels(owner, MODELS))
  const expectRight = async (nameOf: (name: string) => string) => {
    for (const { name, key, meant } of MODELS) {
      const rows = await owner.query(`select * from ${nameOf(name)} order by ${key}`)
      expect([name, rows]).toEqual([name, await application.query(`${meant} order by ${key}`)])
    }
  }

  await expectRight((name) => name)
  await application.query(
    `insert into tasks select 20 + i, 10 + i, utc.day + i, utc.moment + i * interval '10 hours' from generate_series(-2, 2) as i, utc`,
  )
  await expectRight((name) => `${name}_strict`)
})
