import { expect, test } from 'vitest'
import { createStage } from './stage.ts'

test.each(['repeatable read', 'serializable'])(
  'a writer under %s, whose snapshot is older than drains and rotations, is captured',
  async (isolation) => {
    const stage = await createStage()
    const old = await stage.session()
    const other = await stage.session()

    await old.query(`begin isolation level ${isolation}`)
    await old.query('select count(*) from users')
    await other.query(`update projects set title = 'other' where id = 1`)
    await stage.settle()
    expect((await stage.rotate()).emptied).toBeGreaterThan(0)

    await old.query(`update users set name = 'old' where id = 2`)
    await old.query('update projects set user_id = 3 where id = 2')
    // The slot was emptied behind its back, so here every key counts as queued.
    await stage.expectStrict(old)
    await stage.settle()
    await old.query('commit')

    await stage.expectStrict(stage.owner)
    expect(await stage.drain('feed')).toMatchObject({ status: 'drained' })
    await stage.expectExact()
  },
)
