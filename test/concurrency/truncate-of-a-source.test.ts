import { expect, test } from 'vitest'
import { AUTHORS, FEED } from './feed.ts'
import { createStage } from './stage.ts'

test('a drain at work is waited for, and the next one rebuilds', async () => {
  const stage = await createStage()
  const [writer, second] = [await stage.session(), await stage.session('worker')]
  await writer.query('insert into votes values (4, 2, true)')
  const drain = await stage.holdDrain('feed', second)

  const truncation = await stage.startBlocked(writer, () => writer.query('truncate votes'), [second])
  await drain.release()
  await truncation.result
  await stage.expectStrict(stage.owner)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained', units: 8 })
  await stage.expectExact()
})

test('a drain that comes behind takes its snapshot when the rows are gone, and with them sees the mark', async () => {
  const stage = await createStage({ models: [FEED, AUTHORS] })
  const [writer, other] = [await stage.session(), await stage.session()]
  await other.query(`update users set name = 'queued' where id = 1`)
  await writer.query('begin')
  await writer.query('truncate votes')
  await writer.query('insert into votes values (1, 1, true)')
  await stage.expectStrict(writer)

  const drain = await stage.startBlocked(stage.worker, () => stage.drain('feed', { lockTimeoutMs: 15_000 }), [
    writer,
  ])
  await writer.query('commit')
  // That its stored rows are right in its own snapshot is looked at inside.
  expect(await drain.result).toMatchObject({ status: 'drained', units: 8 })
  await stage.expectExact()
})

test('a strict read under READ COMMITTED waits for it and is exact; so is one that has been at work before', async () => {
  const stage = await createStage()
  const [writer, reader, early] = [await stage.session(), await stage.session(), await stage.session()]
  await early.query('begin isolation level repeatable read')
  await stage.expectStrict(early)
  const truncation = await stage.startBlocked(writer, () => writer.query('truncate votes'), [early])

  const read = await stage.startBlocked(reader, () => reader.query('select sum(ups) as n from feed_strict'), [
    writer,
  ])
  // The early one holds its locks since its first read, so nothing can be taken from under it.
  await stage.expectStrict(early)
  await early.query('commit')
  await truncation.result
  expect(await read.result).toEqual([{ n: '0' }])
  await stage.expectExact()
})

test('TRUNCATE with CASCADE over all sources, and new rows, in one transaction', async () => {
  const stage = await createStage({ models: [FEED, AUTHORS] })
  const writer = await stage.session()
  await writer.query('begin')
  await writer.query('truncate users cascade')
  await writer.query(`insert into users values (1, 'first')`)
  await writer.query(`insert into projects values (1, 1, 'the only one')`)
  await stage.expectStrict(writer)
  await writer.query('commit')

  await stage.expectStrict(stage.owner)
  await stage.settle()
  expect(await stage.owner.query('select * from feed')).toEqual([
    { id: 1, title: 'the only one', author: 'first', ups: '0' },
  ])
  await stage.expectExact()
})

test('a TRUNCATE that is rolled back leaves no mark', async () => {
  const stage = await createStage()
  const [writer, other] = [await stage.session(), await stage.session()]
  await writer.query('begin')
  await writer.query('truncate votes')
  await stage.expectStrict(writer)
  await writer.query('rollback')
  await other.query(`update projects set title = 'one' where id = 1`)
  expect(await stage.drain('feed')).toMatchObject({ changes: 1, units: 1 })
  await stage.expectExact()
})

test('a slot with the mark is not emptied before all models have seen it', async () => {
  const stage = await createStage({ models: [FEED, AUTHORS] })
  const writer = await stage.session()
  await writer.query('truncate projects cascade')
  await stage.drain('feed')
  // Votes are read by the feed alone.
  expect((await stage.rotate()).emptied).toBe(1)
  await stage.drain('authors')
  expect((await stage.rotate()).emptied).toBe(1)
  await stage.expectExact()
})

test('a unit that was set aside with an error is looked at again when its rows are gone', async () => {
  const stage = await createStage({
    schema: `
      create table items (id int primary key, parts int not null);
      grant select, insert, truncate on items to public;
      insert into items values (1, 5)`,
    models: [{ name: 'shares', key: 'id', query: 'select id, 10 / parts as share from items' }],
  })
  const writer = await stage.session()
  await writer.query('insert into items values (2, 0)')
  expect(await stage.drain('shares')).toMatchObject({ status: 'drained', pending: 1 })

  await writer.query('truncate items')
  expect(await stage.drain('shares')).toMatchObject({ status: 'drained', pending: 0 })
  await stage.expectExact()
})
