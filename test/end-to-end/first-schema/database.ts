import { readFile } from 'node:fs/promises'
import { connect } from '../../../src/pg/client.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

export const FEED = `
    select p.id, p.title, u.name as author,
           (select count(*) from votes v where v.project_id = p.id and v.up) as ups
    from projects p join users u on u.id = p.user_id`
export const AUTHORS = `
    select p.user_id, count(*) as projects from projects p group by p.user_id`

/** The first version's database, as if it had been made here, and what has been written since. */
export async function firstDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  // A session of its own: a dump sets things for whoever reads it.
  const superuser = await connect({ url: database.url('superuser') })
  await superuser.query(await readFile(new URL('installed.sql', import.meta.url), 'utf8'))
  await superuser.end()
  const owner = await database.connect('owner')
  await owner.query(`update millrace.watermark set cluster = millrace.cluster(), relation = ('millrace.' || model)::regclass,
    snapshot = pg_current_snapshot()::text, horizon = pg_snapshot_xmin(pg_current_snapshot())`)
  const writer = await database.connect('writer')
  await writer.query(`insert into votes (project_id, up) values (3, true), (4, true)`)
  await writer.query(`update projects set title = 'written before' where id = 5`)
  await writer.query('delete from users where id = 2')
  return database
}
