import { drainOnce, verifyModels } from 'millrace'
import { expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import * as models from '../models/index.ts'
import { withClient } from '../src/database.ts'
import { simulate } from '../src/simulate.ts'
import { SCALES } from '../src/sizes.ts'
import { createCommunity } from './community.ts'
import { COUNTERS, expectByHand, LEADERBOARDS, MODELS, REFRESHED, rowsOf } from './expect-by-hand.ts'

const ALL = { ...MODELS, ...LEADERBOARDS }

async function act(database: TestDatabase, people: number, actions: number): Promise<void> {
  const { activity, done } = simulate({
    databaseUrl: database.url('writer'),
    signal: new AbortController().signal,
    seed: 7,
    sizes: SCALES.tiny,
    people,
    thinkMs: 0,
    actions,
  })
  await done
  expect(activity.errors).toEqual([])
  expect([...activity.actions.values()].reduce((sum, count) => sum + count, 0)).toBe(people * actions)
}

test('each read model is what its rows say, after the backfill and after everything users do', async () => {
  const database = await createCommunity()
  await expectByHand(database, ALL)
  await withClient(database.url('writer'), async (client) => {
    for (const name of Object.keys(ALL)) expect((await rowsOf(client, name)).length, name).toBeGreaterThan(0)
  })

  await act(database, 4, 250)
  await expectByHand(database, COUNTERS)
  await expectByHand(database, { ...MODELS, ...REFRESHED }, '_strict')
  await drainOnce({ database: database.url('worker') })
  await expectByHand(database, ALL)
  const verified = await verifyModels({ database: database.url('worker') })
  const declared = Object.values(models).filter(({ kind }) => kind === 'readModel')
  expect(verified.map(({ model, drift, queued }) => [model, drift, queued]).toSorted()).toEqual(
    declared.map(({ name }) => [`public.${name}`, [], 0]).toSorted(),
  )
})

test('the comparison by hand can fail: a row that nobody drained differs', async () => {
  const database = await createCommunity()
  await withClient(database.url('writer'), (client) =>
    client.query('update projects set proof_score = proof_score + 1'),
  )
  await expect(expectByHand(database)).rejects.toThrow()
  await drainOnce({ database: database.url('worker') })
  await expectByHand(database)
})

test('trending has the order of the score with age in it, now and three years from now', async () => {
  const database = await createCommunity()
  await withClient(database.url('writer'), async (client) => {
    const { rows } = await client.query<{ is_same: boolean }>(`
      select array_agg(f.id order by f.trending_score desc, f.id)
           = array_agg(f.id order by 0.5 * p.proof_score + 2 * comments + 1.5 * votes
                                     - 0.1 * extract(epoch from moment - p.created_at) / 3600 desc, f.id) as is_same
      from (values (timestamp '2026-11-21'), (timestamp '2029-11-21')) moments (moment)
      cross join mv_feed_projects f
      join projects p on p.id = f.id
      cross join lateral (select count(*) as comments from comments c where c.project_id = p.id and not c.is_deleted) c
      cross join lateral (select coalesce(sum(case when is_upvote then 1 else -1 end), 0) as votes
                          from upvotes v where v.project_id = p.id) v
      group by moment`)
    expect(rows).toEqual([{ is_same: true }, { is_same: true }])
  })
})

test('words are in the index of a search as soon as they are written: nobody goes through a list of what is not in it yet', async () => {
  const database = await createCommunity()
  await act(database, 2, 50)
  await drainOnce({ database: database.url('worker') })
  await withClient(database.url('superuser'), async (client) => {
    const { rows } = await client.query(`
      select c.relname as name, gin_clean_pending_list(c.oid)::int as unplaced
      from pg_class c join pg_am a on a.oid = c.relam
      where a.amname = 'gin' and c.relname ~ '^idx_search_'
      order by 1`)
    expect(rows).toEqual([
      { name: 'idx_search_name_trgm', unplaced: 0 },
      { name: 'idx_search_vector', unplaced: 0 },
    ])
  })
})
