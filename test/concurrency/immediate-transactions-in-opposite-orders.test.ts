import { expect, test } from 'vitest'
import {
  applyNow,
  AUTHORS,
  createImmediateStage,
  expectApplied,
  FEED,
  immediate,
  type ImmediateModel,
  SCORES,
  SHELVES,
} from './immediate.ts'
import type { Session, Stage } from './stage.ts'

async function openStage(
  models: readonly ImmediateModel[],
  schema?: string,
): Promise<{ stage: Stage; first: Session; second: Session }> {
  const stage = await createImmediateStage(models, schema)
  const [first, second] = [await stage.session('superuser'), await stage.session('superuser')]
  for (const session of [first, second]) {
    await session.query(`set deadlock_timeout = '20ms'`)
    await session.query('begin')
  }
  return { stage, first, second }
}

test('what is computed anew is locked at the commit, in one order: both go through', async () => {
  const { stage, first, second } = await openStage([FEED, AUTHORS])
  await first.query('insert into votes values (9, 1, true)')
  await second.query(`update projects set title = 'second' where id = 2`)
  await second.query('insert into votes values (10, 2, true)')
  await first.query('insert into votes values (9, 2, true)')
  await second.query('insert into votes values (10, 1, true)')
  await first.query(`update projects set title = 'first' where id = 6`)
  await applyNow(first)
  const commit = await stage.startBlocked(second, () => second.query('commit'), [first])
  await first.query('commit')
  await commit.result
  await expectApplied(stage)
})

test('what is added up behaves as any rows do: one is told of a deadlock, and may try again', async () => {
  const { stage, first, second } = await openStage([SCORES])
  await first.query('insert into votes values (9, 1, true)')
  await second.query('insert into votes values (10, 2, true)')
  const write = await stage.startBlocked(first, () => first.query('insert into votes values (9, 2, true)'), [
    second,
  ])
  const outcomes = await Promise.allSettled([
    second.query('insert into votes values (10, 1, true)').finally(() => second.query('commit')),
    write.result.finally(() => first.query('commit')),
  ])
  const failed = outcomes.filter((it) => it.status === 'rejected')
  expect(failed).toEqual([
    { status: 'rejected', reason: expect.objectContaining({ code: '40P01' }) as unknown },
  ])
  await expectApplied(stage)
  await first.query('insert into votes values (9, 2, true), (9, 1, true) on conflict do nothing')
  await expectApplied(stage)
})

test('one statement over the same rows in another order: it is sorted, and nobody is told of a deadlock', async () => {
  const { stage, first, second } = await openStage([SCORES, SHELVES, FEED])
  await first.query('insert into votes values (9, 4, true), (9, 2, true), (9, 3, true)')
  const write = await stage.startBlocked(
    second,
    () => second.query('insert into votes values (10, 3, true), (10, 2, true), (10, 4, true)'),
    [first],
  )
  await first.query('commit')
  await write.result
  await second.query('commit')
  await expectApplied(stage)
})

test('each adds something and each deletes something with children: they share no row, and none waits', async () => {
  const { stage, first, second } = await openStage([SCORES, FEED])
  await first.query('insert into votes values (9, 1, true)')
  await second.query('insert into votes values (9, 2, true)')
  await first.query('delete from projects where id = 3')
  await second.query('delete from projects where id = 5')
  await first.query('commit')
  await second.query('commit')
  await expectApplied(stage)
})

/** A row per voter: whoever deletes a project changes those of all who voted for it. */
const VOTERS = 'from votes group by user_id'
const VOTERS_ADDED = immediate('fold', {
  name: 'zeal',
  key: 'user_id',
  query: `select user_id, count(*) as n ${VOTERS}`,
})
const VOTERS_LISTED = immediate('recompute', {
  name: 'ballots',
  key: 'user_id',
  query: `select user_id, string_agg(project_id::text, ' ' order by project_id) as projects ${VOTERS}`,
})

test.each([
  [
    'a single statement is first',
    'insert into votes values (1, 2, true)',
    'delete from projects where id = 1',
  ],
  ['a cascade is first', 'delete from projects where id = 1', 'insert into votes values (1, 2, true)'],
  ['two cascades', 'delete from projects where id = 1', 'delete from projects where id = 3'],
])('a deletion that cascades, and rows of the same voters: %s', async (_, early, late) => {
  const { stage, first, second } = await openStage([VOTERS_ADDED, VOTERS_LISTED])
  await first.query(early)
  await second.query('commit')
  if (early.startsWith('delete')) await applyNow(first)
  const write = await stage.startBlocked(second, () => second.query(late), [first])
  await first.query('commit')
  await write.result
  await expectApplied(stage)
})

/** A project takes votes with it, and comments, which take replies: these go when what the votes add up to is known. */
const TREE = `
  create table users (id int primary key);
  create table projects (id int primary key);
  create table votes (user_id int references users, project_id int references projects on delete cascade);
  create table comments (id int primary key, project_id int references projects on delete cascade);
  create table replies (
    user_id int references users, comment_id int references comments on delete cascade, is_seen boolean not null
  );
  insert into users values (1), (2);
  insert into projects values (1), (2);
  insert into votes values (1, 1), (2, 1), (1, 2);
  insert into comments values (1, 1), (2, 2);
  insert into replies values (1, 1, false), (2, 1, false), (2, 2, false);`
const BUSY = immediate('fold', {
  name: 'busy',
  key: 'id',
  query: `
    select u.id, (select count(*) from votes v where v.user_id = u.id) as votes,
           (select count(*) from replies r where r.user_id = u.id and r.is_seen) as seen
    from users u`,
})

test('a deletion that cascades holds no row of ours while it still waits for rows of the application', async () => {
  const { stage, first, second } = await openStage([BUSY], TREE)
  await first.query('select from replies where comment_id = 1 for update')
  const deletion = await stage.startBlocked(second, () => second.query('delete from projects where id = 1'), [
    first,
  ])
  await first.query('update replies set is_seen = true where comment_id = 1')
  await first.query('commit')
  await deletion.result
  await second.query('commit')
  await expectApplied(stage)
})
