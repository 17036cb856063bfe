import { drainOnce } from 'millrace'
import type pg from 'pg'
import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { PATIENCE_MS } from '../../../test/support/patience.ts'
import { withClient } from '../src/database.ts'
import { idOf } from '../src/rows/ids.ts'
import { simulate, type Activity } from '../src/simulate.ts'
import { SCALES } from '../src/sizes.ts'
import { createCommunity } from './community.ts'
import { wrongCounters } from './counters.sql.ts'
import { COUNTERS, expectByHand, rowsOf } from './expect-by-hand.ts'
import { ADA_ID, adaAfter, LIFE } from './life-of-a-builder.ts'
import type { Row } from './raw.ts'

// No test here has a worker.

type Suffix = '' | '_strict'

/** How often the counters of a busy community are looked at. */
const LOOKS = Number(process.env['MILLRACE_COUNTER_LOOKS'] ?? 40)

/** Each test leaves it with right counters, but the last. */
let database: TestDatabase
beforeAll(async () => {
  database = await createCommunity()
})

async function expectExact(client: pg.Client, suffix: Suffix, what?: string): Promise<void> {
  expect((await client.query(wrongCounters(suffix))).rows, what).toEqual([])
}

/** Each step is a transaction of one session; another looks after each. */
async function live(isolation: string, suffix: Suffix): Promise<void> {
  await withClient(database.url('writer'), async (writer) => {
    await writer.query(`set default_transaction_isolation = '${isolation}'`)
    await withClient(database.url('writer'), async (reader) => {
      let expected: Row | undefined
      for (const step of LIFE) {
        await writer.query(step.sql)
        expected = adaAfter(expected, step)
        const relation = `user_dashboard_stats${suffix} where user_id = '${ADA_ID}'`
        expect(await rowsOf(reader, relation), step.what).toEqual(expected === undefined ? [] : [expected])
        await expectExact(reader, suffix, step.what)
      }
    })
  })
}

test('the counters of everybody are right after each commit', async () => {
  await live('read committed', '')
  await expectByHand(database, COUNTERS)
})

test.each(['repeatable read', 'serializable'])(
  'so is a strict read where writers are %s',
  async (isolation) => {
    await live(isolation, '_strict')
    await drainOnce({ database: database.url('worker') })
    await expectByHand(database, COUNTERS)
  },
)

test(
  'every snapshot of a busy community has the right counters: eight sessions among six people',
  async () => {
    const sizes = { ...SCALES.tiny, users: 6, projects: 12 }
    const crowded = await createCommunity({ sizes })
    const end = new AbortController()
    const { activity, done } = simulate({
      databaseUrl: crowded.url('writer'),
      signal: end.signal,
      seed: 11,
      sizes,
      people: 8,
      thinkMs: 0,
    })
    await withClient(crowded.url('writer'), async (client) => {
      for (let looks = 0; looks < LOOKS || actionsOf(activity) < 10 * LOOKS; looks += 1)
        await expectExact(client, '')
    }).finally(() => {
      end.abort()
    })
    await done
    // Nobody waited for one who waited for him.
    expect(activity.errors).toEqual([])
    await expectByHand(crowded, COUNTERS)
  },
  PATIENCE_MS + 1_000 * LOOKS,
)

function actionsOf({ actions }: Activity): number {
  return [...actions.values()].reduce((sum, count) => sum + count, 0)
}

test('a source that is emptied is empty in a strict read at once, and in others when it is drained', async () => {
  await withClient(database.url('application'), (client) =>
    client.query('truncate notifications, intro_requests'),
  )
  await withClient(database.url('writer'), (client) => expectExact(client, '_strict'))
  await drainOnce({ database: database.url('worker') })
  await expectByHand(database, COUNTERS)
})

test('hot counters are added to, and only what is counted through another table is computed anew', async () => {
  await withClient(database.url('owner'), async (client) => {
    const { rows } = await client.query(`
      select name, plan -> 'immediate' ->> 'kind' as kind
      from millrace.model
      where jsonb_typeof(plan -> 'immediate') = 'object' order by name`)
    expect(rows).toEqual([
      { name: 'intro_request_stats', kind: 'fold' },
      { name: 'unread_counts', kind: 'fold' },
      { name: 'user_activity_stats', kind: 'recompute' },
    ])
  })
})

test('the counters can be found wrong: a notification that capture did not see', async () => {
  await withClient(database.url('superuser'), async (client) => {
    await client.query(`set session_replication_role = replica`)
    await client.query(
      `insert into notifications (user_id, type, message) values ('${idOf('a', 0)}', 'vote', 'unseen')`,
    )
    const { rows } = await client.query<{ model: string }>(wrongCounters(''))
    expect(rows.map(({ model }) => model)).toEqual(['user_dashboard_stats'])
  })
  await expect(expectByHand(database, COUNTERS)).rejects.toThrow()
})
