import { expect, test } from 'vitest'
import { OWNERS, TITLES } from './feed.ts'
import { createStage } from './stage.ts'

const NARROWER = { ...TITLES, query: 'select id, title from projects where not is_deleted and id < 6' }

test('catalogs are current and rows are not: the strict read answers with the query', async () => {
  // The other model keeps the queue of the source standing, with sentinels that the old snapshot sees.
  const stage = await createStage({ models: [TITLES, OWNERS] })
  const old = await stage.session('owner')
  await old.query('begin isolation level repeatable read')
  await old.query('select 1 as "takes the snapshot"')

  await stage.remove(['titles'])
  await stage.install([NARROWER])
  expect(await old.query('select * from millrace.titles_v1')).toEqual([])
  await stage.expectStrict(old)
  expect(await old.query('select id from titles_strict')).toHaveLength(5)
  await old.query('commit')
  await stage.expectStrict(old)
  await stage.expectExact()
})
