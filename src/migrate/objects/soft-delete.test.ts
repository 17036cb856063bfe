import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { resolveObject } from '../../define/resolve-object.ts'
import { softDelete } from '../../define/soft-delete.ts'
import type { Connection } from '../../pg/client.ts'
import { loadParser } from '../../sql/parse.ts'

let client: Connection

const LONG_AGO = '2020-01-01 00:00:00+00'

beforeAll(async () => {
  await loadParser()
  client = await (await createTestDatabase()).connect('superuser')
  await client.query(`
    create table "Posts" (
      id int primary key, title text, deleted boolean, "deletedAt" timestamptz, "deletedBy" uuid
    );
    create schema app;
    create table app.notes (id int primary key, is_deleted boolean not null default false, gone_at timestamp)`)
  for (const object of [
    softDelete('Posts'),
    softDelete('app.notes', {
      deleted: 'is_deleted',
      deletedAt: 'gone_at',
      deletedBy: null,
      actor: 'app.user',
    }),
  ]) {
    const { definition, problems } = resolveObject(object)
    expect(problems).toEqual([])
    await client.query(definition.up)
  }
})

beforeEach(() => client.query('truncate "Posts", app.notes'))

const ME = '11111111-1111-1111-1111-111111111111'
const OTHER = '22222222-2222-2222-2222-222222222222'

/** Statements on row 1, and what it says then: deleted, when, by whom. `now`: the time of the last transaction. */
const CASES: readonly (readonly [what: string, statements: readonly string[], row: readonly unknown[]])[] = [
  ['a row is not deleted', [insert('deleted', 'null')], [false, null, null]],
  ['inserted as deleted', [insert('deleted', 'true')], [true, 'now', ME]],
  ['an import keeps its time', [insert('"deletedAt"', `'${LONG_AGO}'`)], [true, 'then', ME]],
  ['an import keeps its actor', [insert('deleted, "deletedBy"', `true, '${OTHER}'`)], [true, 'now', OTHER]],
  ['deleted by the flag', [insert('deleted', 'false'), update('deleted = true')], [true, 'now', ME]],
  [
    'deleted by the time',
    [insert('deleted', 'false'), update(`"deletedAt" = '${LONG_AGO}'`)],
    [true, 'then', ME],
  ],
  ['restored by the flag', [insert('deleted', 'true'), update('deleted = false')], [false, null, null]],
  [
    'restored by null in the flag',
    [insert('deleted', 'true'), update('deleted = null')],
    [false, null, null],
  ],
  ['restored by the time', [insert('deleted', 'true'), update('"deletedAt" = null')], [false, null, null]],
  [
    'another update leaves the time and the actor',
    [insert('deleted, "deletedAt"', `true, '${LONG_AGO}'`), as(OTHER), update(`title = 'a', deleted = true`)],
    [true, 'then', ME],
  ],
  [
    'the actor cannot be taken away while it is deleted',
    [insert('deleted', 'true'), update('"deletedBy" = null, deleted = true')],
    [true, 'now', ME],
  ],
  [
    'who deletes it again is another',
    [insert('deleted', 'true'), update('deleted = false'), as(OTHER), update('deleted = true')],
    [true, 'now', OTHER],
  ],
  ['nobody is known', [as(''), insert('deleted', 'true')], [true, 'now', null]],
]

function insert(columns: string, values: string): string {
  return `insert into "Posts" (id, ${columns}) values (1, ${values})`
}

function update(assignments: string): string {
  return `update "Posts" set ${assignments} where id = 1`
}

function as(actor: string): string {
  return `select set_config('app.current_user_id', '${actor}', false)`
}

describe('a soft delete is consistent', () => {
  test.each(CASES)('%s', async (_, statements, expected) => {
    await client.query(as(ME))
    for (const statement of statements) await client.query(statement)
    const [row] = await client.query<{ row: unknown[] }>(`
      select json_build_array(
        deleted,
        case when "deletedAt" = '${LONG_AGO}' then 'then' when "deletedAt" > now() - interval '1 minute' then 'now'
             when "deletedAt" is not null then 'some time' end,
        "deletedBy"
      ) as row from "Posts"`)
    expect(row?.row).toEqual(expected)
  })
})

test('a column without a zone holds UTC in every session, and no actor is asked for', async () => {
  await client.query(`set timezone = 'Asia/Tokyo'`)
  await client.query('insert into app.notes (id) values (1); update app.notes set is_deleted = true')
  const [row] = await client.query(
    `select is_deleted, gone_at = timezone('UTC', gone_at_zoned) and gone_at_zoned > now() - interval '1 minute' as utc
     from (select *, timezone('UTC', gone_at) as gone_at_zoned from app.notes) as zoned`,
  )
  await client.query('reset timezone')
  expect(row).toEqual({ is_deleted: true, utc: true })
})

test('down takes the trigger and the function away', async () => {
  const { definition } = resolveObject(softDelete('app.notes'))
  await client.query(definition.down)
  const left = await client.query(
    `select 1 from pg_trigger where tgrelid = 'app.notes'::regclass
     union all select 1 from pg_proc where proname = 'soft_delete_notes'`,
  )
  expect(left).toEqual([])
})
