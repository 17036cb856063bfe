import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { idOf } from '../src/rows/ids.ts'
import { AS_PLANNED } from './as-planned.sql.ts'
import { createCommunity } from './community.ts'

// Each case does the same to both: the counters as the plan kept them go wrong, ours do not.

const [ADA, BOB, PROJECT, ONE, TWO] = [1, 2, 3, 4, 5].map((i) => `'${idOf('0', i)}'`) as [
  string,
  string,
  string,
  string,
  string,
]

const DASHBOARD = 'user_dashboard_stats'
const INTROS = 'intro_request_stats'
const INBOX = 'message_conversations_denorm'

interface Defect {
  readonly what: string
  readonly steps: readonly string[]
  readonly of: string
  readonly asPlanned: object | null
  readonly ours: object
}

const PROJECT_OF_ADA = `insert into projects (id, user_id, title, proof_score) values (${PROJECT}, ${ADA}, 'one', 10)`
const BADGE = `insert into validation_badges (id, project_id, validator_id, badge_type) values (${ONE}, ${PROJECT}, ${BOB}, 'gold')`

const message = (id: string, text: string, isRead = false) =>
  `insert into direct_messages (id, sender_id, recipient_id, message, is_read, created_at)
   values (${id}, ${BOB}, ${ADA}, '${text}', ${String(isRead)}, clock_timestamp() at time zone 'utc')`
const intro = (status: string) =>
  `insert into intro_requests (id, investor_id, builder_id, status) values (${ONE}, ${BOB}, ${ADA}, '${status}')`

const DEFECTS: readonly Defect[] = [
  {
    what: 'who has just signed up has no row to count in',
    steps: [`delete from planned.${DASHBOARD} where user_id = ${ADA}`, PROJECT_OF_ADA],
    of: DASHBOARD,
    asPlanned: null,
    ours: { active_projects: '1' },
  },
  {
    what: 'a project that is shown again does not come back',
    steps: [
      PROJECT_OF_ADA,
      `update projects set is_deleted = true where id = ${PROJECT}`,
      `update projects set is_deleted = false where id = ${PROJECT}`,
    ],
    of: DASHBOARD,
    asPlanned: { active_projects: 0 },
    ours: { active_projects: '1' },
  },
  {
    what: 'a project stays with the one who gave it away',
    steps: [PROJECT_OF_ADA, `update projects set user_id = ${BOB} where id = ${PROJECT}`],
    of: DASHBOARD,
    asPlanned: { active_projects: 1 },
    ours: { active_projects: '0' },
  },
  {
    what: 'the score is summed before the badge raises it',
    steps: [PROJECT_OF_ADA, BADGE, `update projects set proof_score = 15 where id = ${PROJECT}`],
    of: DASHBOARD,
    asPlanned: { total_proof_score: 10 },
    ours: { total_proof_score: '15', karma_score: '15' },
  },
  {
    what: 'a badge that is taken back stays',
    steps: [PROJECT_OF_ADA, BADGE, `delete from validation_badges where id = ${ONE}`],
    of: DASHBOARD,
    asPlanned: { badges_received: 1 },
    ours: { badges_received: '0' },
  },
  {
    what: 'a message that comes as read is unread, and one that is deleted too',
    steps: [message(ONE, 'old', true), message(TWO, 'new'), `delete from direct_messages where id = ${TWO}`],
    of: DASHBOARD,
    asPlanned: { unread_messages: 2 },
    ours: { unread_messages: '0' },
  },
  {
    what: 'an introduction that comes as approved waits for an answer',
    steps: [intro('approved')],
    of: INTROS,
    asPlanned: { pending_requests: 1, approved_requests: 0 },
    ours: { pending_requests: '0', approved_requests: '1' },
  },
  {
    what: 'who thinks better of an answer is not heard',
    steps: [
      intro('pending'),
      `update intro_requests set status = 'approved'  where id = ${ONE}`,
      `update intro_requests set status = 'rejected' where id = ${ONE}`,
    ],
    of: INTROS,
    asPlanned: { approved_requests: 1, rejected_requests: 0 },
    ours: { approved_requests: '0', rejected_requests: '1' },
  },
  {
    what: 'the conversation goes with its last message',
    steps: [message(ONE, 'first'), message(TWO, 'last'), `delete from direct_messages where id = ${TWO}`],
    of: INBOX,
    asPlanned: null,
    ours: { last_message_text: 'first', total_messages: '1' },
  },
]

let database: TestDatabase
beforeAll(async () => {
  database = await createCommunity()
  await withClient(database.url('superuser'), (client) => client.query(AS_PLANNED))
})

/** Two people, with the rows that the plan wants for them. */
beforeEach(async () => {
  await withClient(database.url('writer'), (client) =>
    client.query(`
      insert into users (id, username, email) values (${ADA}, 'ada', 'ada'), (${BOB}, 'bob', 'bob');
      insert into planned.${DASHBOARD} (user_id) values (${ADA}), (${BOB})`),
  )
})
afterEach(async () => {
  await withClient(database.url('writer'), (client) =>
    client.query(`delete from users where id in (${ADA}, ${BOB})`),
  )
})

test.each(DEFECTS)('$what', async ({ steps, of, asPlanned, ours }) => {
  await withClient(database.url('writer'), async (client) => {
    const ask = async (relation: string) =>
      (await client.query<object>(`select * from ${relation} where user_id = ${ADA}`)).rows[0] ?? null
    for (const step of steps) await client.query(step)
    const planned = await ask(`planned.${of}`)
    if (asPlanned === null) expect(planned).toBeNull()
    else expect(planned).toMatchObject(asPlanned)
    expect(await ask(of === INBOX ? `${INBOX}_strict` : of)).toMatchObject(ours)
  })
})

test('a counter that has drifted refuses the write: what was hidden and shown cannot be hidden again', async () => {
  const hide = `update projects set is_deleted = true where id = ${PROJECT}`
  await withClient(database.url('writer'), async (client) => {
    await client.query(PROJECT_OF_ADA)
    await client.query(hide)
    await client.query(`update projects set is_deleted = false where id = ${PROJECT}`)
    await expect(client.query(hide)).rejects.toMatchObject({ code: '23514' })
  })
  await withClient(database.url('superuser'), (client) => client.query('drop schema planned cascade'))
  await withClient(database.url('writer'), async (client) => {
    await client.query(hide)
    const { rows } = await client.query(`select active_projects from ${DASHBOARD} where user_id = ${ADA}`)
    expect(rows).toEqual([{ active_projects: '0' }])
  })
})
