import { expect, test } from 'vitest'
import { applyNow, BALLOTS, createImmediateStage, expectApplied, FEED } from './immediate.ts'
import type { Session, Stage } from './stage.ts'

/** Neither sees what the other writes: the one finds no row to set right, the other a name that is about to be old. */
const RENAME = `update users set name = 'renamed' where id = 1`
const PROJECT = `insert into projects values (20, 1, 'new')`
const VOTE = 'insert into votes values (9, 4, true)'

async function openStage(sessions: number): Promise<{ stage: Stage; writers: readonly Session[] }> {
  const stage = await createImmediateStage([FEED, BALLOTS])
  const writers = await Promise.all(Array.from({ length: sessions }, () => stage.session()))
  for (const writer of writers) await writer.query('begin')
  return { stage, writers }
}

test.each([
  ['one hop, the rename is first', RENAME, PROJECT],
  ['one hop, the insert is first', PROJECT, RENAME],
  ['two hops, the rename is first', RENAME, VOTE],
  ['two hops, the insert is first', VOTE, RENAME],
])('%s', async (_, early, late) => {
  const { stage, writers } = await openStage(2)
  const [first, second] = writers as [Session, Session]
  await first.query(early)
  await second.query(late)
  await applyNow(first)
  const commit = await stage.startBlocked(second, () => second.query('commit'), [first])
  await first.query('commit')
  await commit.result

  const authors = await stage.owner.query(
    `select author from feed where id = 20 union all select author from ballots where user_id = 9`,
  )
  expect(authors).toEqual([{ author: 'renamed' }])
  await expectApplied(stage)
})

test('the one that was first is taken back', async () => {
  const { stage, writers } = await openStage(2)
  const [first, second] = writers as [Session, Session]
  await first.query(RENAME)
  await second.query(VOTE)
  await applyNow(first)
  const commit = await stage.startBlocked(second, () => second.query('commit'), [first])
  await first.query('rollback')
  await commit.result
  await expectApplied(stage)
})

test('the way outwards: a vote, whose project moves, to a user who gets another name', async () => {
  const { stage, writers } = await openStage(3)
  const [voter, mover, renamer] = writers as [Session, Session, Session]
  // Project 4 is of user 1; it goes to user 2, who is called otherwise from now on.
  await mover.query('update projects set user_id = 2 where id = 4')
  await voter.query(VOTE)
  await renamer.query(`update users set name = 'renamed' where id = 2`)
  await applyNow(mover)
  const vote = await stage.startBlocked(voter, () => voter.query('commit'), [mover])
  const rename = await stage.startBlocked(renamer, () => renamer.query('commit'), [mover])
  await mover.query('commit')
  await Promise.all([vote.result, rename.result])

  expect(await stage.owner.query('select author from ballots where user_id = 9')).toEqual([
    { author: 'renamed' },
  ])
  await expectApplied(stage)
})

test('two who give one user something do not wait for each other', async () => {
  const { stage, writers } = await openStage(2)
  const [first, second] = writers as [Session, Session]
  await first.query(PROJECT)
  await second.query(`insert into projects values (21, 1, 'new too')`)
  await applyNow(first)
  await second.query('commit')
  await first.query('commit')
  await expectApplied(stage)
})
