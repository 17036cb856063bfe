import { expect, test } from 'vitest'
import { drainOnce } from '../../src/work/drain.ts'
import { createStage } from './stage.ts'
import { stepping } from './steps.ts'

test('a watermark would count later writes of its own transaction as seen: such a drain is refused', async () => {
  const stage = await createStage()
  const { plan } = stage.model('feed')
  const [writer, migration] = [await stage.session(), await stage.session('superuser')]
  await writer.query(`update projects set title = 'queued' where id = 1`)

  const written = stepping(migration, async (statement) => {
    if (statement.includes('pg_try_advisory_xact_lock')) await migration.query('select pg_current_xact_id()')
  })
  await expect(drainOnce(written, plan)).rejects.toThrow('must not begin in a transaction that has written')
  await stage.expectExact()
})

test('a drain in the middle of a migration of the application ends that, and nothing is half done', async () => {
  const stage = await createStage()
  const { plan } = stage.model('feed')
  const [writer, migration] = [await stage.session(), await stage.session('superuser')]
  await writer.query(`update projects set title = 'queued' where id = 1`)

  await migration.query('begin')
  await migration.query(`update projects set title = 'migrated' where id = 2`)
  await expect(drainOnce(migration, plan)).rejects.toThrow()
  await migration.query('rollback')
  expect(await stage.drain('feed')).toMatchObject({ changes: 1, rowsChanged: 1 })
  await stage.expectExact()
})
