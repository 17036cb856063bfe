import { expect, test } from 'vitest'
import { compareStored, compareStrictPage } from '../oracle/compare.ts'
import { createStage, type Session, type Stage } from './stage.ts'

/** Changes that were committed before the reader's snapshot, drained after it, and then emptied away. */
async function emptyBehind(stage: Stage, readers: readonly Session[], isolation: string): Promise<void> {
  const writer = await stage.session()
  await writer.query(`update projects set title = 'changed' where id in (1, 2, 3)`)
  await writer.query('insert into votes values (4, 2, true)')
  for (const reader of readers) {
    await reader.query(`begin isolation level ${isolation}`)
    await reader.query('select 1 as "takes the snapshot"')
  }
  await stage.settle()
  expect((await stage.rotate()).emptied).toBe(2)
}

test.each(['repeatable read', 'serializable'])(
  'a strict read under %s falls back to the query',
  async (isolation) => {
    const stage = await createStage()
    const { plan } = stage.model('feed')
    const [reader, owner] = [await stage.session(), await stage.session('owner')]
    await emptyBehind(stage, [reader, owner], isolation)

    // The stored rows alone are wrong for this snapshot, and nothing in the queue says so any more.
    expect(await compareStored(owner, plan)).not.toEqual([])
    const queued = await owner.query(`select from millrace.queue_projects where xid > '0'`)
    expect(queued).toEqual([])

    await stage.expectStrict(reader)
    await stage.expectStrict(owner)
    expect(await compareStrictPage(owner, plan)).toEqual([])
    await stage.expectExact()
  },
)

test('a STABLE function whose snapshot is older than its locks falls back too, under READ COMMITTED', async () => {
  const stage = await createStage()
  const [writer, reader, gate] = [await stage.session(), await stage.session('owner'), await stage.session()]
  await stage.owner.query(`
    create function public.changed_titles() returns bigint language plpgsql stable as $$
    begin
      perform pg_advisory_lock(4711);
      return (select count(*) from feed_strict where title = 'changed');
    end $$`)
  await writer.query(`update projects set title = 'changed' where id in (1, 2, 3)`)
  await gate.query('select pg_advisory_lock(4711)')

  const read = await stage.startBlocked(reader, () => reader.query('select changed_titles() as n'), [gate])
  await stage.settle()
  expect((await stage.rotate()).emptied).toBe(1)
  await gate.query('select pg_advisory_unlock(4711)')
  expect(await read.result).toEqual([{ n: '3' }])
  await stage.expectExact()
})

test('a later reader needs no fallback: the sentinels are back', async () => {
  const stage = await createStage()
  const old = await stage.session()
  await emptyBehind(stage, [old], 'repeatable read')
  await old.query('commit')

  const [row] = await stage.owner.query<{ n: number }>(
    `select count(*)::int as n from millrace.queue_projects where xid = '0'`,
  )
  expect(row?.n).toBe(3)
  // With the sentinels in sight a strict read believes the stored rows: it repeats what is wrong in there.
  await stage.owner.query(`update millrace.feed_v1 set title = 'by hand' where id = 8`)
  expect(await old.query('select title from feed_strict where id = 8')).toEqual([{ title: 'by hand' }])
  await stage.owner.query(`update millrace.feed_v1 set title = 'project 8' where id = 8`)
  await stage.expectExact()
})
