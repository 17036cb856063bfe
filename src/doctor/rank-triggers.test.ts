import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { drainAll } from '../work/drain-all.ts'
import { CHECKS, examine, LIMITS } from './doctor.ts'

test('triggers that keep ranks are disabled or missing, and what is told mends them', async () => {
  const database = await createTestDatabase('create table players (id int primary key, points int)')
  const owner = await database.connect('owner')
  const writer = await database.connect('writer')
  const leaderboard = { score: 'points desc', ties: [], within: [] }
  const board = { name: 'board', key: 'id', query: 'select id, points from players', leaderboard }
  const models = await installModels(owner, [board])
  const { 'rank-triggers': check } = CHECKS
  if (check === undefined) throw new Error('no such check')
  const look = async () =>
    await examine(
      {
        client: owner,
        models,
        declared: [],
        schedule: { refreshed: [], jobs: [] },
        searchPath: undefined,
        workerRole: undefined,
        limits: LIMITS,
      },
      { 'rank-triggers': check },
    )
  expect(await look()).toEqual([])

  await owner.query('alter table millrace.board_v1 disable trigger millrace_ranks_insert')
  await owner.query('drop trigger millrace_ranks_update on millrace.board_v1')
  await writer.query('insert into players values (1, 5)')
  await drainAll(await database.connect('worker'), models)
  expect(await owner.query('select board_rank(1) as rank, board_count() as count')).toEqual([
    { rank: '1', count: '0' },
  ])
  const [found, ...others] = await look()
  expect(others).toEqual([])
  expect(found).toMatchObject({
    severity: 'error',
    object: 'public.board',
    message: expect.stringMatching(/^2 of the triggers/) as unknown,
  })

  for (const step of found?.remedy ?? []) if (step.kind === 'sql') await owner.query(step.sql)
  expect(await look()).toEqual([])
  expect(await owner.query('select board_count() as count')).toEqual([{ count: '1' }])
})
