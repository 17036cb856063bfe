import { expect, test } from 'vitest'
import { FEED, OWNERS, TITLES } from './feed.ts'
import { createStage, PATIENT } from './stage.ts'

test('what a transaction wrote before there was a trigger is in the backfill, what it writes later too', async () => {
  const stage = await createStage({ models: [] })
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query(`update projects set title = 'before' where id = 1`)
  await writer.query('insert into votes values (4, 2, true)')

  const installation = await stage.startBlocked(stage.owner, () => stage.install([FEED]), [writer])
  await writer.query(`update projects set title = 'while it waits' where id = 2`)
  await writer.query('delete from users where id = 4')
  await writer.query('commit')
  await installation.result

  expect(await stage.owner.query('select title from feed where id in (1, 2) order by id')).toEqual([
    { title: 'before' },
    { title: 'while it waits' },
  ])
  await stage.expectExact()
})

test('others who write meanwhile stand behind the installer only until it gives up, and then go on', async () => {
  const stage = await createStage({ models: [] })
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query('begin')
  await first.query(`update projects set title = 'first' where id = 1`)

  const installation = await stage.startBlocked(
    stage.owner,
    () => stage.install([TITLES], stage.owner, PATIENT),
    [first],
  )
  const write = await stage.startBlocked(
    second,
    () => second.query(`update projects set title = 'second' where id = 2`),
    [stage.owner],
  )
  // The first is still open, and the installer still wants its lock.
  await write.result
  await first.query('commit')
  await installation.result
  await stage.expectExact()
})

test.each(['repeatable read', 'serializable'])(
  'a writer under %s whose snapshot is older than the trigger is captured',
  async (isolation) => {
    const stage = await createStage({ models: [] })
    const old = await stage.session()
    await old.query(`begin isolation level ${isolation}`)
    await old.query('select 1 as "takes the snapshot"')
    await stage.install([TITLES])

    await old.query(`update projects set title = 'old snapshot' where id = 1`)
    await stage.settle()
    await old.query('commit')
    expect(await stage.drain('titles')).toMatchObject({ changes: 1, rowsChanged: 1 })
    await stage.expectExact()
  },
)

test('a transaction under the capture of one model ends before the capture of two stands', async () => {
  const stage = await createStage({ models: [TITLES] })
  const writer = await stage.session()
  await writer.query('begin')
  // Captured for the titles alone: the queue row has no owner in it.
  await writer.query(`update projects set title = 'moved', user_id = 4 where id = 1`)

  const installation = await stage.startBlocked(stage.owner, () => stage.install([OWNERS]), [writer])
  await writer.query('update projects set user_id = 4 where id = 2')
  await writer.query('commit')
  await installation.result
  await writer.query('update projects set user_id = 1 where id = 3')
  await stage.expectExact()
})

test('an installer that widens a queue, and a writer between its statement and its capture, do not end each other', async () => {
  const stage = await createStage({ models: [TITLES] })
  const [writer, gate, application] = [
    await stage.session(),
    await stage.session(),
    await stage.session('application'),
  ]
  await application.query(`
    create function wait_at_the_gate() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(4711);
      return new;
    end $$;
    create trigger gate before update on projects for each row execute function wait_at_the_gate()`)
  await gate.query('begin')
  await gate.query('select pg_advisory_xact_lock(4711)')

  // The writer has the source and wants the queue; the installer has the queue and wants the source.
  const write = await stage.startBlocked(
    writer,
    () => writer.query(`update projects set title = 'survives', user_id = 4 where id = 1`),
    [gate],
  )
  const installation = await stage.startBlocked(stage.owner, () => stage.install([OWNERS]), [writer])
  await gate.query('commit')
  await write.result
  await installation.result
  expect(await stage.owner.query('select title from titles_strict where id = 1')).toEqual([
    { title: 'survives' },
  ])
  await stage.expectExact()
})
