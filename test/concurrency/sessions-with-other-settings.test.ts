import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

const SCHEMA = `
  create table readings (at timestamptz primary key, place text not null, value float8 not null, took interval not null);
  insert into readings
  select '2024-01-01 20:00:00Z'::timestamptz + i * interval '1 hour', 'a', i / 3.0, i * interval '90 minutes'
  from generate_series(1, 8) as i;`
const HOURLY = {
  name: 'hourly',
  key: 'at',
  query: 'select at, count(*) as n, max(value) as value, max(took) as took from readings group by at',
}

const DAILY = {
  name: 'daily',
  key: 'day',
  freshness: 'immediate' as const,
  query: `select d.day, (select max(r.value) from rates r where r.day = d.day) as value from days d`,
}

test('a writer whose session reads dates otherwise than it prints them keeps the day that he changed', async () => {
  const schema = `
    create table days (day date primary key);
    create table rates (id int primary key, day date not null, value int not null);
    create index on rates (day);
    insert into days select '2026-01-01'::date + i from generate_series(0, 90) as i;`
  const stage = await createStage({ schema, models: [DAILY] })
  const berlin = await stage.session()
  await berlin.query(`set datestyle = 'German, MDY'`)
  await berlin.query(`insert into rates values (1, '2026-02-01'::date, 7)`)
  await stage.expectStrict(berlin)
  await stage.expectExact()
})

test('a writer in Tokyo, a worker in UTC and a reader in Los Angeles mean the same key', async () => {
  const stage = await createStage({ schema: SCHEMA, models: [HOURLY] })
  const [tokyo, losAngeles] = [await stage.session(), await stage.session()]
  await tokyo.query(`set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set intervalstyle = 'iso_8601';
                     set extra_float_digits = -10`)
  await losAngeles.query(`set timezone = 'America/Los_Angeles'; set datestyle = 'SQL, DMY'`)

  await tokyo.query('begin')
  await tokyo.query(`update readings set value = value / 7 where at < '2024-01-02 00:00:00Z'`)
  await losAngeles.query(`update readings set at = at + interval '1 day' where at > '2024-01-02 02:00:00Z'`)
  await stage.expectStrict(tokyo)
  await stage.settle()
  await tokyo.query('commit')
  await stage.expectStrict(tokyo)
  await stage.expectStrict(losAngeles)
  expect(await stage.drain('hourly')).toMatchObject({ rowsChanged: 3 })
  await stage.expectExact()
})
