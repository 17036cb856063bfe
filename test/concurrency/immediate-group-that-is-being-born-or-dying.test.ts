import { expect, test } from 'vitest'
import { applyNow, AUTHORS, createImmediateStage, expectApplied, SHELVES } from './immediate.ts'
import type { Session, Stage } from './stage.ts'

/** User 5 has no project, so nobody has a row for him. */
async function openStage(): Promise<{ stage: Stage; first: Session; second: Session }> {
  const stage = await createImmediateStage([SHELVES, AUTHORS])
  const [first, second] = [await stage.session(), await stage.session()]
  await first.query(`insert into users values (5, 'new')`)
  await first.query('begin')
  return { stage, first, second }
}

async function projectsOf(stage: Stage, user: number): Promise<unknown> {
  const [row] = await stage.owner.query<{ projects: string }>(
    `select projects from shelves where user_id = ${String(user)}`,
  )
  return row?.projects
}

test.each(['commit', 'rollback'])(
  'both make its first row, and the one that was first ends with %s',
  async (end) => {
    const { stage, first, second } = await openStage()
    await first.query(`insert into projects values (20, 5, 'first')`)
    const write = await stage.startBlocked(
      second,
      () => second.query(`insert into projects values (21, 5, 'second')`),
      [first],
    )
    await first.query(end)
    await write.result

    expect(await projectsOf(stage, 5)).toBe(end === 'commit' ? '2' : '1')
    await expectApplied(stage)
  },
)

test('both make its first row, and each has computed what it alone can see', async () => {
  const { stage, first, second } = await openStage()
  await second.query('begin')
  // Below the point where fold rows meet: only at their commits do they come to the same titles.
  await first.query(`insert into projects values (20, 1, 'first')`)
  await second.query(`insert into projects values (21, 2, 'second')`)
  await first.query('update projects set user_id = 5 where id = 20')
  await applyNow(first)
  const write = await stage.startBlocked(
    second,
    () => second.query('update projects set user_id = 5 where id = 21'),
    [first],
  )
  await first.query('commit')
  await write.result
  await second.query('commit')

  expect(await stage.owner.query('select titles from authors where user_id = 5')).toEqual([
    { titles: 'first, second' },
  ])
  await expectApplied(stage)
})

test.each(['commit', 'rollback'])(
  'its last row goes while another comes, and the first ends with %s',
  async (end) => {
    const { stage, first, second } = await openStage()
    await second.query(`insert into projects values (20, 5, 'last')`)
    await first.query('delete from projects where id = 20')
    const write = await stage.startBlocked(
      second,
      () => second.query(`insert into projects values (21, 5, 'another')`),
      [first],
    )
    await first.query(end)
    await write.result

    expect(await projectsOf(stage, 5)).toBe(end === 'commit' ? '1' : '2')
    await expectApplied(stage)
  },
)

test('another comes while its last row goes', async () => {
  const { stage, first, second } = await openStage()
  await second.query(`insert into projects values (20, 5, 'last')`)
  await first.query(`insert into projects values (21, 5, 'another')`)
  const write = await stage.startBlocked(second, () => second.query('delete from projects where id = 20'), [
    first,
  ])
  await first.query('commit')
  await write.result

  expect(await projectsOf(stage, 5)).toBe('1')
  await expectApplied(stage)
})

test('it goes and is born again in one transaction, while another waits to add to it', async () => {
  const { stage, first, second } = await openStage()
  await second.query(`insert into projects values (20, 5, 'old')`)
  await first.query('delete from projects where user_id = 5')
  await first.query(`insert into projects values (21, 5, 'new')`)
  const write = await stage.startBlocked(
    second,
    () => second.query(`insert into projects values (22, 5, 'newest')`),
    [first],
  )
  await first.query('delete from projects where user_id = 5')
  await first.query('commit')
  await write.result

  expect(await projectsOf(stage, 5)).toBe('1')
  await expectApplied(stage)
})
