import { expect, test } from 'vitest'
import { drainOnce } from '../../src/work/drain.ts'
import { TITLES } from './feed.ts'
import { createStage } from './stage.ts'

test('no write fails because of it, strict reads stay exact, and drains go on when the name is back', async () => {
  const stage = await createStage({ models: [TITLES] })
  const [writer, application] = [await stage.session(), await stage.session('application')]
  await writer.query('begin')
  await writer.query(`update projects set title = 'before' where id = 1`)
  const rename = await stage.startBlocked(
    application,
    () => application.query('alter table projects rename column title to headline'),
    [writer],
  )
  await writer.query('commit')
  await rename.result

  await writer.query(`update projects set headline = 'after' where id = 2`)
  await writer.query('delete from projects where id = 3')
  expect(await stage.owner.query('select title from titles_strict where id < 4 order by id')).toEqual([
    { title: 'before' },
    { title: 'after' },
  ])
  // The query itself does not know the new name: that is said, and nothing is recorded as done.
  await expect(drainOnce(stage.worker, stage.model('titles').plan)).rejects.toThrow('title')

  await application.query('alter table projects rename column headline to title')
  await stage.expectExact()
})

test('another type is refused by PostgreSQL as long as a strict read needs the column, and writes go on', async () => {
  const stage = await createStage({ models: [TITLES] })
  const [writer, application] = [await stage.session(), await stage.session('application')]
  await writer.query(`update projects set title = 'before' where id = 1`)
  const retype = 'alter table projects alter column title type varchar(80) using upper(title)'
  await expect(application.query(retype)).rejects.toThrow('used by a view')
  await writer.query(`update projects set title = 'after' where id = 2`)
  await stage.expectExact()
})
