import { expect, test } from 'vitest'
import {
  applyNow,
  createImmediateStage,
  expectApplied,
  expectStored,
  FEED,
  SCORES,
  SHELVES,
} from './immediate.ts'
import type { Session, Stage } from './stage.ts'

const [COMMITTED, REPEATABLE, SERIALIZABLE] = ['read committed', 'repeatable read', 'serializable']

const PAIRS = [
  [COMMITTED, REPEATABLE],
  [REPEATABLE, COMMITTED],
  [COMMITTED, SERIALIZABLE],
  [SERIALIZABLE, COMMITTED],
  [REPEATABLE, SERIALIZABLE],
] as const

async function begin(stage: Stage, isolation: string | undefined): Promise<Session> {
  const writer = await stage.session()
  await writer.query(`begin isolation level ${isolation ?? ''}`)
  await writer.query('select 1 as "takes the snapshot"')
  return writer
}

/** Of a row that is there, and of one that only the first has seen being born. */
const WRITES = [
  (user: number) => `insert into votes values (${String(user)}, 1, true)`,
  (user: number) => `update projects set user_id = 5 where id = ${String(user)}`,
]

test.each(PAIRS)('%s meets %s at a row that adds up: exact, or a serialization failure', async (one, two) => {
  const stage = await createImmediateStage([SCORES, SHELVES])
  await (await stage.session()).query(`insert into users values (5, 'new')`)
  for (const write of WRITES) {
    const [first, second] = [await begin(stage, one), await begin(stage, two)]
    await first.query(write(6))
    const blocked = await stage.startBlocked(second, () => second.query(write(7)), [first])
    await first.query('commit')

    if (two === COMMITTED) {
      await blocked.result
      await second.query('commit')
    } else {
      await expect(blocked.result).rejects.toMatchObject({ code: '40001' })
      await second.query('rollback')
      await second.query(write(7))
    }
    await expectApplied(stage)
  }
})

test.each(PAIRS)(
  '%s and %s, neither of whom sees the other: left to the worker, and strict reads are exact',
  async (one, two) => {
    const stage = await createImmediateStage([FEED])
    const [first, second] = [await begin(stage, one), await begin(stage, two)]
    await first.query(`update users set name = 'renamed' where id = 1`)
    await second.query(`insert into projects values (20, 1, 'new')`)
    await stage.expectStrict(first)
    await stage.expectStrict(second)
    await first.query('commit')
    await stage.expectStrict(second)
    await stage.expectStrict(stage.owner)
    await second.query('commit')

    await stage.expectStrict(stage.owner)
    expect(await stage.drain('feed')).toMatchObject({
      status: 'drained',
      changes: one === COMMITTED || two === COMMITTED ? 1 : 2,
    })
    await expectApplied(stage)
  },
)

test('what was left to the worker is set right by the next writer too, and stays right when it is drained', async () => {
  const stage = await createImmediateStage([FEED])
  const [old, writer] = [await begin(stage, REPEATABLE), await stage.session()]
  await old.query('insert into votes values (9, 1, true)')
  await old.query('commit')
  await writer.query('insert into votes values (10, 1, true)')
  expect(await stage.owner.query('select ups from feed where id = 1')).toEqual(
    await stage.owner.query('select count(*) filter (where up) as ups from votes where project_id = 1'),
  )
  await expectStored(stage)
  expect(await stage.drain('feed')).toMatchObject({ status: 'drained', rowsChanged: 0 })
  await expectApplied(stage)
})

test('a writer that has applied, and one under REPEATABLE READ whose drain must wait for it', async () => {
  const stage = await createImmediateStage([FEED])
  const [writer, old] = [await begin(stage, COMMITTED), await begin(stage, REPEATABLE)]
  await writer.query('insert into votes values (9, 1, true)')
  await applyNow(writer)
  await old.query(`update users set name = 'renamed' where id = 2`)
  await old.query('commit')

  const drain = await stage.startBlocked(stage.worker, () => stage.drain('feed', { lockTimeoutMs: 15_000 }), [
    writer,
  ])
  await stage.expectStrict(writer)
  await writer.query('commit')
  expect(await drain.result).toMatchObject({ status: 'drained', changes: 1 })
  await expectApplied(stage)
})

test.each([REPEATABLE, SERIALIZABLE])(
  '%s inserts, within another statement, a row that somebody has deleted since: the row stands once',
  async (isolation) => {
    const stage = await createImmediateStage([SCORES])
    await stage.superuser.query(`
      create table drafts (id int primary key, title text not null);
      grant insert on drafts to public;
      create function publish() returns trigger language plpgsql as $$
      begin
        insert into projects (id, user_id, title, is_deleted) values (new.id, 1, new.title, false);
        return null;
      end $$;
      create trigger publish after insert on drafts for each row execute function publish()`)
    const [mine, other] = [await begin(stage, isolation), await stage.session()]
    await other.query('delete from votes where project_id = 1')
    await other.query('delete from projects where id = 1')
    await mine.query(`insert into drafts values (1, 'again')`)
    await mine.query('commit')
    await expectStored(stage)
    await stage.expectExact()
  },
)
