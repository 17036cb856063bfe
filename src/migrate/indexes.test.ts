import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { definitionOf } from '../../test/support/models.ts'
import { ROLES } from '../../test/support/roles.ts'
import type { IndexDeclaration } from '../compile/storage.ts'
import type { Connection } from '../pg/client.ts'
import { readVersions } from '../work/model.ts'
import { findChanges } from './changes.ts'
import { compileDeclared } from './compile-declared.ts'
import { install } from './install.ts'

const SCHEMA = `
  create table notes (id int primary key, topic text not null);
  insert into notes select i, 'topic ' || i % 3 from generate_series(1, 20) as i;`
const NOTED = { name: 'noted', key: 'id', query: 'select id, topic, length(topic) as size from notes' }

const BY_SIZE: IndexDeclaration = { columns: ['size desc', 'id'] }
const BY_TOPIC: IndexDeclaration = { name: 'noted_by_topic', columns: ['topic'] }

async function migrate(owner: Connection, indexes: readonly IndexDeclaration[]): Promise<readonly string[]> {
  const { models } = await compileDeclared(owner, {
    models: [{ ...definitionOf(NOTED), indexes }],
    refreshed: [],
    jobs: [],
  })
  const changes = findChanges(models, await readVersions(owner))
  if (changes.length > 0) await install(owner, models, { roles: { worker: ROLES.worker } })
  expect(findChanges(models, await readVersions(owner))).toEqual([])
  return changes.map(({ kind }) => kind)
}

/** Declared ones, of the table's columns and their order. */
async function indexesOf(client: Connection) {
  return await client.query<{ name: string; columns: string; valid: boolean; oid: number }>(`
    select c.relname as name, substring(pg_get_indexdef(c.oid) from '\\((.*)\\)') as columns, i.indisvalid as valid, c.oid::int
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    where i.indrelid = 'millrace.noted_v1'::regclass and not i.indisprimary and not i.indisunique
    order by 1`)
}

test('indexes come, are renewed where they are invalid, and go, with the rows as they are', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await install(owner, [])
  expect(await migrate(owner, [BY_SIZE])).toEqual(['create'])
  const [{ relation: table } = { relation: 0 }] = await owner.query<{ relation: number }>(
    `select 'millrace.noted_v1'::regclass::oid::int as relation`,
  )

  expect(await migrate(owner, [BY_SIZE, BY_TOPIC])).toEqual(['reindex'])
  const both = await indexesOf(owner)
  expect(both.map(({ columns }) => columns)).toEqual(['topic', 'size DESC, id'])
  expect(both[0]?.name).toBe('noted_by_topic')
  expect(await migrate(owner, [BY_SIZE, BY_TOPIC])).toEqual([])

  // As one that was interrupted leaves it.
  const superuser = await database.connect('superuser')
  await superuser.query(
    `update pg_index set indisvalid = false where indexrelid = 'millrace.noted_by_topic'::regclass`,
  )
  expect(await migrate(owner, [BY_SIZE, BY_TOPIC])).toEqual(['reindex'])
  const renewed = await indexesOf(owner)
  expect(renewed.map(({ name, valid }) => [name, valid])).toEqual(both.map(({ name }) => [name, true]))
  expect(renewed[0]?.oid).not.toBe(both[0]?.oid)
  expect(renewed[1]?.oid).toBe(both[1]?.oid)

  expect(await migrate(owner, [BY_TOPIC])).toEqual(['reindex'])
  expect((await indexesOf(owner)).map(({ name }) => name)).toEqual(['noted_by_topic'])
  expect(
    await owner.query(
      `select 'millrace.noted_v1'::regclass::oid::int as relation, count(*)::int as rows from noted`,
    ),
  ).toEqual([{ relation: table, rows: 20 }])
})
