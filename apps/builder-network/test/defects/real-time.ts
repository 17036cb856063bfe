import {
  ADA,
  attempt,
  badge,
  BOB,
  comment,
  endedOrBlocked,
  intro,
  message,
  ONE,
  post,
  PROJECT,
  steps,
  TWO,
  type Defect,
  type Stage,
} from './defect.ts'
import { COUNTERS } from './planned.sql.ts'

const DASHBOARD = 'user_dashboard_stats'
const INTROS = 'intro_request_stats'
const INBOX = 'message_conversations_denorm'

interface Miscounted {
  readonly id: Defect['id']
  readonly what: string
  readonly steps: readonly string[]
  readonly ask: string
  readonly asPlanned: unknown
  readonly ours: unknown
}

const of = (relation: string, columns: string) => `select ${columns} from ${relation} where user_id = ${ADA}`
const hide = `update projects set is_deleted = true where id = ${PROJECT}`
const show = `update projects set is_deleted = false where id = ${PROJECT}`

const MISCOUNTED: readonly Miscounted[] = [
  {
    id: 'B35',
    what: 'a project that is shown again does not come back',
    steps: [post(), hide, show],
    ask: of(DASHBOARD, 'active_projects::int'),
    asPlanned: [{ active_projects: 0 }],
    ours: [{ active_projects: 1 }],
  },
  {
    id: 'B35',
    what: 'what was hidden and shown cannot be hidden again: the counter refuses the write',
    steps: [post(), hide, show, hide],
    ask: of(DASHBOARD, 'active_projects::int'),
    asPlanned: { fails: '23514' },
    ours: [{ active_projects: 0 }],
  },
  {
    id: 'B36',
    what: 'the conversation goes with its last message, and what was unread stays unread',
    steps: [message(ONE, 'first'), message(TWO, 'last'), `delete from direct_messages where id = ${TWO}`],
    ask: `select (select max(last_message_text) from ${INBOX} where user_id = ${ADA}) as last_message_text,
                 (select count(*)::int from ${INBOX} where ${ADA} in (user_id, other_user_id)) as conversations,
                 (select unread_messages::int from ${DASHBOARD} where user_id = ${ADA})`,
    asPlanned: [{ last_message_text: null, conversations: 0, unread_messages: 2 }],
    ours: [{ last_message_text: 'first', conversations: 2, unread_messages: 1 }],
  },
  {
    id: 'B37',
    what: 'who has just signed up has no row to count in',
    steps: [post()],
    ask: of(DASHBOARD, 'project_count::int'),
    asPlanned: [],
    ours: [{ project_count: 1 }],
  },
  {
    id: 'B38',
    what: 'five counters that nothing writes',
    steps: [
      `insert into ${DASHBOARD} (user_id) values (${ADA}), (${BOB})`,
      post(7),
      comment(ONE).replace(BOB, ADA),
      intro('pending'),
      `insert into intro_requests (investor_id, builder_id) values (${ADA}, ${BOB})`,
    ],
    ask: of(
      DASHBOARD,
      'comment_count::int, intros_sent::int, intros_received::int, intro_requests_pending::int, karma_score::int',
    ),
    asPlanned: [
      { comment_count: 0, intros_sent: 0, intros_received: 0, intro_requests_pending: 0, karma_score: 0 },
    ],
    ours: [
      { comment_count: 1, intros_sent: 1, intros_received: 1, intro_requests_pending: 1, karma_score: 7 },
    ],
  },
  {
    id: 'B39',
    what: 'the score is summed before the badge raises it',
    steps: [post(10), badge, `update projects set proof_score = 15 where id = ${PROJECT}`],
    ask: of(DASHBOARD, 'total_proof_score::int'),
    asPlanned: [{ total_proof_score: 10 }],
    ours: [{ total_proof_score: 15 }],
  },
  {
    id: 'B40',
    what: 'a badge that is taken back stays',
    steps: [post(), badge, `delete from validation_badges where id = ${ONE}`],
    ask: of(DASHBOARD, 'badges_received::int'),
    asPlanned: [{ badges_received: 1 }],
    ours: [{ badges_received: 0 }],
  },
  {
    id: 'B40',
    what: 'a project stays with the one who gave it away',
    steps: [post(), `update projects set user_id = ${BOB} where id = ${PROJECT}`],
    ask: of(DASHBOARD, 'active_projects::int'),
    asPlanned: [{ active_projects: 1 }],
    ours: [{ active_projects: 0 }],
  },
  {
    id: 'B40',
    what: 'messages and notifications that are deleted stay unread',
    steps: [
      message(ONE, 'gone'),
      `insert into notifications (user_id, type, message) values (${ADA}, 'vote', 'gone')`,
      `delete from direct_messages where id = ${ONE}`,
      `delete from notifications where user_id = ${ADA}`,
    ],
    ask: of(DASHBOARD, 'unread_messages::int, unread_notifications::int'),
    asPlanned: [{ unread_messages: 1, unread_notifications: 1 }],
    ours: [{ unread_messages: 0, unread_notifications: 0 }],
  },
  {
    id: 'B40',
    what: 'an introduction that is withdrawn waits for ever',
    steps: [intro('pending'), `delete from intro_requests where id = ${ONE}`],
    ask: of(INTROS, 'pending_requests::int'),
    asPlanned: [{ pending_requests: 1 }],
    ours: [{ pending_requests: 0 }],
  },
  {
    id: 'B41',
    what: 'an introduction that comes as approved waits for an answer',
    steps: [intro('approved')],
    ask: of(INTROS, 'pending_requests::int, approved_requests::int'),
    asPlanned: [{ pending_requests: 1, approved_requests: 0 }],
    ours: [{ pending_requests: 0, approved_requests: 1 }],
  },
  {
    id: 'B41',
    what: 'who thinks better of an answer is not heard',
    steps: [
      intro('pending'),
      `update intro_requests set status = 'approved' where id = ${ONE}`,
      `update intro_requests set status = 'rejected' where id = ${ONE}`,
    ],
    ask: of(INTROS, 'approved_requests::int, rejected_requests::int'),
    asPlanned: [{ approved_requests: 1, rejected_requests: 0 }],
    ours: [{ approved_requests: 0, rejected_requests: 1 }],
  },
  {
    id: 'B42',
    what: 'a message that comes as read is unread',
    steps: [message(ONE, 'old', { isRead: true })],
    ask: of(DASHBOARD, 'unread_messages::int'),
    asPlanned: [{ unread_messages: 1 }],
    ours: [{ unread_messages: 0 }],
  },
  {
    id: 'B42',
    what: 'one that is marked unread again is not',
    steps: [
      message(ONE, 'kept for later'),
      `update direct_messages set is_read = true where id = ${ONE}`,
      `update direct_messages set is_read = false where id = ${ONE}`,
    ],
    ask: of(DASHBOARD, 'unread_messages::int'),
    asPlanned: [{ unread_messages: 0 }],
    ours: [{ unread_messages: 1 }],
  },
  {
    id: 'B42',
    what: 'an older message that arrives late becomes the last one',
    steps: [message(ONE, 'today'), message(TWO, 'of 2020', { at: `timestamptz '2020-01-01'` })],
    ask: of(INBOX, 'last_message_text'),
    asPlanned: [{ last_message_text: 'of 2020' }],
    ours: [{ last_message_text: 'today' }],
  },
  {
    id: 'B42',
    what: 'a message to oneself counts twice',
    steps: [message(ONE, 'note', { from: ADA, to: ADA })],
    ask: of(INBOX, 'total_messages::int'),
    asPlanned: [{ total_messages: 2 }],
    ours: { fails: '23514' },
  },
  {
    id: 'B45',
    what: 'a project that is neither hidden nor not is nowhere',
    steps: [
      `insert into projects (id, user_id, title, is_deleted) values (${PROJECT}, ${ADA}, 'lost', null)`,
    ],
    ask: `select (select count(*)::int from projects where id = ${PROJECT} and is_deleted) as hidden,
                 (select count(*)::int from projects where id = ${PROJECT} and not is_deleted) as shown,
                 (select active_projects from ${DASHBOARD} where user_id = ${ADA})`,
    asPlanned: [{ hidden: 0, shown: 0, active_projects: 0 }],
    ours: { fails: '23502' },
  },
]

/** Two people write to each other at once; each holds his own row and waits for the other's. */
async function writeToEachOther(stage: Stage): Promise<unknown> {
  const [ada, bob, gate] = [await stage.session(), await stage.session(), await stage.session('superuser')]
  await ada.query(message(ONE, 'before'))
  await gate.query('select pg_advisory_lock(43)')
  const sent = [
    attempt(ada, message(TWO, 'hello', { from: ADA, to: BOB })),
    attempt(bob, message(PROJECT, 'hello', { from: BOB, to: ADA })),
  ] as const
  await endedOrBlocked(stage, ada, sent[0])
  await endedOrBlocked(stage, bob, sent[1])
  await gate.query('select pg_advisory_unlock(43)')
  return (await Promise.all(sent)).filter((it) => it !== null)
}

/** What was written between the triggers and the backfill is counted by both. */
async function writeBeforeBackfill(stage: Stage): Promise<unknown> {
  const client = await stage.session()
  await client.query(message(ONE, 'in between'))
  if (stage.isPlanned) {
    await client.query(`
      insert into ${INBOX} (user_id, other_user_id, total_messages)
      select recipient_id, sender_id, count(*) from direct_messages group by 1, 2
      on conflict (user_id, other_user_id) do update
      set total_messages = message_conversations_denorm.total_messages + excluded.total_messages`)
  }
  await stage.drain()
  return (await client.query<object>(of(INBOX, 'total_messages::int'))).rows
}

/** The side tables that row triggers keep. */
export const REAL_TIME: readonly Defect[] = [
  ...MISCOUNTED.map(({ steps: taken, ask, id, ...it }): Defect => {
    const rows = `insert into planned.${DASHBOARD} (user_id) values (${ADA}), (${BOB})`
    const own = taken.filter((step) => !step.includes(`into ${DASHBOARD}`))
    const play = steps(own, ask)
    return {
      ...it,
      id,
      planned: COUNTERS,
      // One case is about the row that a newcomer lacks.
      play: async (stage) => {
        if (stage.isPlanned && id !== 'B37') await (await stage.session()).query(rows)
        return await play(stage)
      },
    }
  }),
  {
    id: 'B43',
    what: 'two people who write to each other at once wait for each other',
    planned: COUNTERS,
    play: writeToEachOther,
    asPlanned: ['40P01'],
    ours: [],
  },
  {
    id: 'B44',
    what: 'what is written between the triggers and the backfill counts twice',
    planned: COUNTERS,
    play: writeBeforeBackfill,
    asPlanned: [{ total_messages: 2 }],
    ours: [{ total_messages: 1 }],
  },
]
