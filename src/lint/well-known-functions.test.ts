import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { NEVER_IMMUTABLE, ONE_ARGUMENT_DEPENDS } from './rules/non-immutable-index.ts'

test('the server agrees with the list of functions that an index cannot hold', async () => {
  const client = await (await createTestDatabase()).connect('superuser')
  const functions = await client.query<{ name: string; immutable: boolean; immutable_alone: boolean }>(
    `select proname::text as name,
            bool_or(provolatile = 'i') as immutable,
            bool_or(provolatile = 'i' and pronargs = 1) as immutable_alone
     from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname = any($1)
     group by proname`,
    [[...NEVER_IMMUTABLE, ...ONE_ARGUMENT_DEPENDS]],
  )
  const namesOf = (rows: typeof functions) => rows.map(({ name }) => name).sort()
  expect(namesOf(functions)).toEqual([...NEVER_IMMUTABLE, ...ONE_ARGUMENT_DEPENDS].sort())
  expect(namesOf(functions.filter(({ name, immutable }) => NEVER_IMMUTABLE.has(name) && immutable))).toEqual(
    [],
  )
  expect(namesOf(functions.filter((it) => ONE_ARGUMENT_DEPENDS.has(it.name) && it.immutable_alone))).toEqual(
    [],
  )
})
