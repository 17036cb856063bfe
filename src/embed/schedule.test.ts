import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { defineConfig } from '../define/config.ts'
import { job } from '../define/job.ts'
import { readModel } from '../define/read-model.ts'
import { sql } from '../define/sql.ts'
import { drainOnce } from './drain-once.ts'
import { installModels, removeModels, verifyModels } from './embed.ts'

const declared = defineConfig({
  define: [
    readModel('ranks', {
      key: 'id',
      freshness: { every: '1 day' },
      query: sql`select id, rank() over (order by id desc) as place from items`,
    }),
    job('tidy', { every: '1 day', run: sql`delete from items where id < 0` }),
  ],
})

test('what is on a schedule is installed, refreshed when it is due, compared and removed', async () => {
  const database = await createTestDatabase(
    'create table items (id int primary key); insert into items values (1), (2)',
  )
  const superuser = await database.connect('superuser')
  const config = { ...declared, database: database.url('superuser') }
  await installModels(config)
  expect(await superuser.query('select * from ranks order by id')).toEqual([
    { id: 1, place: '2' },
    { id: 2, place: '1' },
  ])

  await superuser.query('insert into items values (3)')
  expect(await drainOnce(config)).toMatchObject({ refreshed: 0 })
  expect(await verifyModels(config)).toMatchObject([{ model: 'public.ranks', drift: [], changedSince: 3 }])
  await superuser.query(`update millrace.job set next_at = now() - interval '1 day'`)
  expect(await drainOnce(config)).toMatchObject({ refreshed: 1 })
  expect(await verifyModels(config)).toMatchObject([{ rows: 3, drift: [], changedSince: 0 }])

  await removeModels(config)
  expect(await superuser.query(`select nspname from pg_namespace where nspname = 'millrace'`)).toEqual([])
})
