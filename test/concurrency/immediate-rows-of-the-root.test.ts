import { expect, test } from 'vitest'
import { verify } from '../../src/verify/verify.ts'
import { createImmediateStage, expectApplied, expectStored, immediate, SCORES } from './immediate.ts'

test('a row is hidden, is added to, and is shown again with all of it', async () => {
  const stage = await createImmediateStage([SCORES])
  const [hider, voter] = [await stage.session(), await stage.session()]
  await hider.query('begin')
  await hider.query('update projects set is_deleted = true where id in (1, 2)')
  const vote = await stage.startBlocked(
    voter,
    () => voter.query('insert into votes values (9, 1, true), (9, 2, true), (9, 3, true)'),
    [hider],
  )
  await hider.query('commit')
  await vote.result
  expect(await stage.owner.query('select id from scores where id < 4')).toEqual([{ id: 3 }])
  await expectStored(stage)

  await voter.query('delete from votes where project_id = 1 and user_id = 1')
  await hider.query(`update projects set is_deleted = false, title = 'shown' where id = 1`)
  await hider.query('update projects set is_deleted = false where id = 2')
  await expectApplied(stage)
})

test('two hide and show one row, and the later one is right', async () => {
  const stage = await createImmediateStage([SCORES])
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query('begin')
  await first.query(`update projects set is_deleted = true, title = 'first' where id = 1`)
  await first.query('insert into votes values (9, 1, true)')
  const show = await stage.startBlocked(
    second,
    () => second.query(`update projects set is_deleted = not is_deleted, title = 'second' where id = 1`),
    [first],
  )
  await first.query('update projects set is_deleted = false where id = 1')
  await first.query('commit')
  await show.result
  expect(await stage.owner.query('select from scores where id = 1')).toEqual([])
  await second.query('update projects set is_deleted = false where id = 1')
  await expectApplied(stage)
})

test('a hidden row goes with its parent, and leaves nothing behind', async () => {
  const stage = await createImmediateStage([SCORES])
  const writer = await stage.session()
  await writer.query('update projects set is_deleted = true where id in (3, 7)')
  await writer.query('delete from users where id = 4')
  expect(await stage.superuser.query('select id from millrace.scores_v1 where id in (3, 7)')).toEqual([])
  expect(await verify(stage.owner, stage.models)).toMatchObject([{ rows: 6, drift: [] }])
  await expectApplied(stage)
})

/** Each may answer another. */
const SCHEMA = `
  create table posts (
    id int primary key,
    parent_id int references posts on delete cascade on update cascade,
    body text not null,
    is_hidden boolean not null default false
  );
  create index on posts (parent_id);
  insert into posts select i, nullif(i / 2, 0), 'post ' || i from generate_series(1, 9) as i;`

const REPLIES = immediate('fold', {
  name: 'replies',
  key: 'id',
  query: `
    select p.id, upper(p.body) as body,
           (select count(*) from posts r where r.parent_id = p.id and not r.is_hidden) as replies
    from posts p
    where not p.is_hidden`,
})

const PARENTS = immediate('recompute', {
  name: 'parents',
  key: 'id',
  query: 'select p.id, p.body, q.body as parent from posts p left join posts q on q.id = p.parent_id',
})

test.each([
  ['a tree comes', `insert into posts values (20, 21, 'child first'), (21, 1, 'parent'), (22, 21, 'child')`],
  ['a branch goes', 'delete from posts where id = 2'],
  ['all keys are renumbered, and the children follow', 'update posts set id = id + 100'],
  [
    'a key goes and another row takes it',
    'with gone as (delete from posts where id = 9) update posts set id = 90 where id = 8',
  ],
  ['what was a parent becomes a child', 'update posts set parent_id = 10 - id where id in (1, 2, 3)'],
  ['half is hidden', `update posts set is_hidden = true, body = 'hidden' where id % 2 = 0`],
])('a table that refers to itself: %s', async (_, statement) => {
  const stage = await createImmediateStage([REPLIES, PARENTS], SCHEMA)
  const writer = await stage.session('superuser')
  await writer.query('begin')
  await writer.query(`insert into posts values (30, 3, 'before')`)
  await writer.query(statement)
  await stage.expectStrict(writer)
  await writer.query('commit')
  await expectStored(stage)
  await expectApplied(stage)
})

test('one renumbers a row while another answers it', async () => {
  const stage = await createImmediateStage([REPLIES, PARENTS], SCHEMA)
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query('begin')
  await first.query(`insert into posts values (30, 3, 'an answer')`)
  const renumber = await stage.startBlocked(
    second,
    () => second.query('update posts set id = 33 where id = 3'),
    [first],
  )
  await first.query('commit')
  await renumber.result
  await expectApplied(stage)
})
