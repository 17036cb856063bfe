import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { canonicalize, canonicalizeWhole } from './canonicalize.ts'

const SCHEMA = `
  create table tasks (
    id int primary key, title text not null, kind varchar(9), due timestamptz not null, day date, spans tstzrange, details jsonb);
  create type mood as enum ('today', 'now');
  create domain deadline as date check (value > '2000-01-01');`

const DATES = [
  `day = 'today'`,
  `day > 'Yesterday'::date`,
  `due > timestamptz 'now'`,
  `due between ' yesterday ' and 'tomorrow 12:00'`,
  `due = cast('now' as timestamp with time zone)`,
  `due::time > 'now'`,
  `spans && '[now,)'`,
  `day = any ('{2026-01-01,tomorrow}')`,
  `day = 'today'::deadline`,
  `title = 'größer now' and day = $x$today$x$`,
]

const TEXTS = [
  `title = 'today'`,
  `kind in ('now', 'tomorrow')`,
  `'now'::mood > 'today'`,
  `details @> '{"due": "today"}'`,
  `title ilike '%now%' -- 'today'`,
  `day > '2026-01-01' and due > 'epoch' and due < 'infinity'`,
]

test('text that stands for a date is refused where the server takes it for one', async () => {
  const client = await (await createTestDatabase(SCHEMA)).connect('owner')
  for (const condition of DATES) {
    const text = `select id from tasks where ${condition}`
    for (const read of [canonicalize, canonicalizeWhole])
      await expect(read(client, text), condition).rejects.toMatchObject({
        code: 'TIME_DEPENDENT',
        source: text,
      })
  }
  await expect(
    canonicalize(client, `select id from tasks where title = 'größer now' and day = 'today'`),
  ).rejects.toMatchObject({ detail: `found 'today', which would stay what it is today`, position: 58 })
})

test('it is left alone where it is text', async () => {
  const client = await (await createTestDatabase(SCHEMA)).connect('owner')
  for (const condition of TEXTS) {
    const query = await canonicalize(client, `select id from tasks where ${condition}`)
    expect([condition, query.columns.length]).toEqual([condition, 1])
  }
})
