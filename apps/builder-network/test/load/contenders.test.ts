import type { Client } from 'pg'
import { expect, test } from 'vitest'
import { withClient } from '../../src/database.ts'
import { AS_PLANNED } from '../../src/load/contenders/as-planned.ts'
import type { Contender } from '../../src/load/contenders/contender.ts'
import { drive } from '../../src/load/contenders/drive.ts'
import { LIVE_JOINS } from '../../src/load/contenders/live-joins.ts'
import { PAGE_KINDS, type PageKind } from '../../src/load/mix.ts'
import { startSessions } from '../../src/load/sessions.ts'
import { readWorld } from '../../src/load/world.ts'
import { randomFrom } from '../../src/random.ts'
import { createCommunity } from '../community.ts'

const SEEDS = 6

test("both contenders answer every page with as many rows; the plan's views are refreshed inside the write", async () => {
  const database = await createCommunity({ withModels: false })
  await withClient(database.url('superuser'), async (client) => {
    await AS_PLANNED.prepare(client)
    for (const kind of PAGE_KINDS) {
      const [live, planned] = [
        await rowCounts(client, LIVE_JOINS, kind),
        await rowCounts(client, AS_PLANNED, kind),
      ]
      expect([kind, live]).toEqual([kind, planned])
      expect([kind, Math.max(...live)]).not.toEqual([kind, 0])
    }
    const { projects, userIds } = await readWorld(client)
    const votes = async () => {
      const { rows } = await client.query<{ votes: string }>(
        'select upvote_count as votes from planned.mv_feed_projects where id = $1',
        [projects[0]],
      )
      return rows.map((it) => it.votes)
    }
    await client.query('delete from upvotes where project_id = $1', [projects[0]])
    expect(await votes()).toEqual(['0'])
    await client.query('insert into upvotes (user_id, project_id) values ($1, $2)', [userIds[0], projects[0]])
    expect(await votes()).toEqual(['1'])

    const sessions = await startSessions(client, 20)
    const [appUrl, adminUrl] = [database.url('writer'), database.url('superuser')]
    const until = new AbortController()
    const driving = drive(AS_PLANNED, {
      appUrl,
      adminUrl,
      sessions,
      world: await readWorld(client),
      thinkMs: 50,
      seconds: 600,
      seed: 1,
      signal: until.signal,
    })
    await expect.poll(votesCast(client)).toBeGreaterThan(5)
    until.abort()
    const { kinds, errors, arrived, unanswered } = await driving
    expect(errors).toEqual([])
    const answered = Object.values(kinds).reduce((sum, { count }) => sum + count, 0)
    expect(answered + unanswered).toBe(arrived)
  })
})

/** Of the page's first statement, for the same requests each time. */
async function rowCounts(client: Client, contender: Contender, kind: PageKind): Promise<readonly number[]> {
  const world = await readWorld(client)
  const { rows } = await client.query<{ id: string }>(
    'select recipient_id as id from direct_messages limit 1',
  )
  const session = { token: '', userId: rows[0]?.id ?? '', username: '', role: 'builder' }
  const counts: number[] = []
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const [first] = contender.statements(kind, randomFrom(seed), world, session)
    const { rowCount } = await client.query(first?.text ?? '', [...(first?.values ?? [])])
    counts.push(rowCount ?? 0)
  }
  return counts
}

/** How many votes have been cast since it was made. */
function votesCast(client: Client): () => Promise<number> {
  let before: number | undefined
  return async () => {
    const { rows } = await client.query<{ votes: number }>('select count(*)::int as votes from upvotes')
    const votes = rows[0]?.votes ?? 0
    before ??= votes
    return votes - before
  }
}
