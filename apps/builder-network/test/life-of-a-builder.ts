import { idOf } from '../src/rows/ids.ts'
import type { Row } from './raw.ts'

/** One transaction, and what becomes of Ada's counters: what it adds to them, or that they begin or end. */
export interface Step {
  readonly what: string
  readonly sql: string
  readonly ada: Readonly<Record<string, number>> | 'begins' | 'is gone'
}

// Of letters that the generator does not use.
const ADA = `'${idOf('0', 1)}'`
const BOB = `'${idOf('0', 2)}'`
const [ONE, TWO, HIS] = [1, 2, 3].map((i) => `'${idOf('1', i)}'`) as [string, string, string]
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((i) => `'${idOf('2', i)}'`) as [string, string, string]

export const ADA_ID = ADA.slice(1, -1)

/** Of somebody who has just signed up. */
const ZEROS: Row = {
  user_id: ADA_ID,
  project_count: 0,
  active_projects: 0,
  total_proof_score: 0,
  comment_count: 0,
  badges_given: 0,
  badges_received: 0,
  intros_sent: 0,
  intros_received: 0,
  intro_requests_pending: 0,
  karma_score: 0,
  unread_messages: 0,
  unread_notifications: 0,
}

const step = (what: string, sql: string, ada: Step['ada'] = {}): Step => ({ what, sql, ada })
const scored = (points: number) => ({ total_proof_score: points, karma_score: points })

const START = [
  step(
    'she signs up',
    `insert into users (id, username, email) values (${ADA}, 'ada', 'ada@example.org')`,
    'begins',
  ),
  step('so does he', `insert into users (id, username, email) values (${BOB}, 'bob', 'bob@example.org')`),
  step('she changes her profile', `update users set bio = 'new here', is_active = false where id = ${ADA}`),
]

const PROJECTS = [
  step(
    'she posts a project',
    `insert into projects (id, user_id, title, proof_score) values (${ONE}, ${ADA}, 'one', 10)`,
    { project_count: 1, active_projects: 1, ...scored(10) },
  ),
  step(
    'she posts two at once, one of them hidden; he posts one',
    `insert into projects (id, user_id, title, proof_score, is_deleted)
     values (${TWO}, ${ADA}, 'two', 5, false), (gen_random_uuid(), ${ADA}, 'draft', 7, true), (${HIS}, ${BOB}, 'his', 1, false)`,
    { project_count: 2, active_projects: 1, ...scored(5) },
  ),
  step('she hides the first', `update projects set is_deleted = true where id = ${ONE}`, {
    active_projects: -1,
    ...scored(-10),
  }),
  step('its score rises meanwhile', `update projects set proof_score = 12 where id = ${ONE}`),
  step('she shows it again', `update projects set is_deleted = false where id = ${ONE}`, {
    active_projects: 1,
    ...scored(12),
  }),
  step(
    'she hides all that she has and shows it again in one transaction',
    `begin; update projects set is_deleted = true where user_id = ${ADA} and title <> 'draft';
     update projects set is_deleted = false where user_id = ${ADA} and title <> 'draft'; commit`,
  ),
]

const COMMENTS = [
  step(
    'she comments, and answers herself',
    `insert into comments (id, project_id, user_id, parent_id, content)
     values (${FIRST}, ${HIS}, ${ADA}, null, 'nice'), (${SECOND}, ${HIS}, ${ADA}, ${FIRST}, 'very')`,
    { comment_count: 2 },
  ),
  step('the answer is deleted', `update comments set is_deleted = true where id = ${SECOND}`, {
    comment_count: -1,
  }),
  step('and comes back', `update comments set is_deleted = false where id = ${SECOND}`, { comment_count: 1 }),
  step('the comment goes for good, and the answer with it', `delete from comments where id = ${FIRST}`, {
    comment_count: -2,
  }),
]

const BADGES = [
  step(
    'he awards a badge, which raises the score and is told, in one statement',
    `with badge as (
       insert into validation_badges (id, project_id, validator_id, badge_type)
       values (${FIRST}, ${ONE}, ${BOB}, 'gold') returning project_id),
     raised as (
       update projects set proof_score = proof_score + 5 where id = (select project_id from badge) returning user_id)
     insert into notifications (user_id, type, message) select user_id, 'badge', 'a badge' from raised`,
    { badges_received: 1, unread_notifications: 1, ...scored(5) },
  ),
  step(
    'she awards one to him and one to herself',
    `insert into validation_badges (id, project_id, validator_id, badge_type)
     values (${SECOND}, ${HIS}, ${ADA}, 'stone'), (${THIRD}, ${TWO}, ${ADA}, 'stone')`,
    { badges_given: 2, badges_received: 1 },
  ),
  step('his badge becomes silver', `update validation_badges set badge_type = 'silver' where id = ${FIRST}`),
  step('she takes one back', `delete from validation_badges where id = ${SECOND}`, { badges_given: -1 }),
  step('she hides a project with a badge', `update projects set is_deleted = true where id = ${TWO}`, {
    active_projects: -1,
    ...scored(-5),
  }),
  step('she hands the first project over', `update projects set user_id = ${BOB} where id = ${ONE}`, {
    project_count: -1,
    active_projects: -1,
    badges_received: -1,
    ...scored(-17),
  }),
  step(
    'and gets it back, with his other one',
    `update projects set user_id = ${ADA} where id in (${ONE}, ${HIS})`,
    { project_count: 2, active_projects: 2, badges_received: 1, ...scored(18) },
  ),
  step('the hidden project goes for good', `delete from projects where id = ${TWO}`, {
    project_count: -1,
    badges_given: -1,
    badges_received: -1,
  }),
]

const MAIL = [
  step(
    'he writes to her twice, and one of the messages comes as read',
    `insert into direct_messages (id, sender_id, recipient_id, message, is_read)
     values (${FIRST}, ${BOB}, ${ADA}, 'hello', false), (${SECOND}, ${BOB}, ${ADA}, 'old', true)`,
    { unread_messages: 1 },
  ),
  step('she reads it', `update direct_messages set is_read = true where recipient_id = ${ADA}`, {
    unread_messages: -1,
  }),
  step('she marks both unread', `update direct_messages set is_read = false where recipient_id = ${ADA}`, {
    unread_messages: 2,
  }),
  step('he deletes one', `delete from direct_messages where id = ${SECOND}`, { unread_messages: -1 }),
  step(
    'she writes to him',
    `insert into direct_messages (sender_id, recipient_id, message) values (${ADA}, ${BOB}, 'hi')`,
  ),
  step(
    'there is news for her three times',
    `insert into notifications (id, user_id, type, message)
     values (${FIRST}, ${ADA}, 'vote', 'a'), (${SECOND}, ${ADA}, 'vote', 'b'), (${THIRD}, ${ADA}, 'vote', 'c')`,
    { unread_notifications: 3 },
  ),
  step('she reads one', `update notifications set is_read = true where id = ${FIRST}`, {
    unread_notifications: -1,
  }),
  step('and reads it again', `update notifications set is_read = true where id = ${FIRST}`),
  step('she deletes an unread one', `delete from notifications where id = ${SECOND}`, {
    unread_notifications: -1,
  }),
  step('and the one she has read', `delete from notifications where id = ${FIRST}`),
  step(
    'she reads all, and thinks better of it',
    `begin; savepoint before; update notifications set is_read = true where user_id = ${ADA};
     rollback to before; update notifications set is_read = true where id = ${THIRD}; commit`,
    { unread_notifications: -1 },
  ),
  step('all is read', `update notifications set is_read = true where user_id = ${ADA}`, {
    unread_notifications: -1,
  }),
]

const INTROS = [
  step(
    'he asks for an introduction, and she asks him for one',
    `insert into intro_requests (id, investor_id, builder_id) values (${FIRST}, ${BOB}, ${ADA}), (${SECOND}, ${ADA}, ${BOB})`,
    { intros_received: 1, intro_requests_pending: 1, intros_sent: 1 },
  ),
  step('she approves', `update intro_requests set status = 'approved' where id = ${FIRST}`, {
    intro_requests_pending: -1,
  }),
  step('she rejects after all', `update intro_requests set status = 'rejected' where id = ${FIRST}`),
  step('it is opened again', `update intro_requests set status = 'pending' where id = ${FIRST}`, {
    intro_requests_pending: 1,
  }),
  step(
    'one comes that is approved already',
    `insert into intro_requests (id, investor_id, builder_id, status) values (${THIRD}, ${BOB}, ${ADA}, 'approved')`,
    { intros_received: 1 },
  ),
  step(
    'what he asked for is passed on to him',
    `update intro_requests set builder_id = ${BOB} where id = ${FIRST}`,
    {
      intros_received: -1,
      intro_requests_pending: -1,
    },
  ),
  step('she withdraws hers', `delete from intro_requests where id = ${SECOND}`, { intros_sent: -1 }),
]

const END = [
  step('he leaves, and all that is his with him', `delete from users where id = ${BOB}`, {
    badges_received: -1,
    intros_received: -1,
    unread_messages: -1,
  }),
  step(
    'she is there twice within one transaction',
    `begin; delete from users where id = ${ADA}; insert into users (id, username, email) values (${ADA}, 'ada', 'again'); commit`,
    'begins',
  ),
  step('she leaves', `delete from users where id = ${ADA}`, 'is gone'),
]

export const LIFE: readonly Step[] = [
  ...START,
  ...PROJECTS,
  ...COMMENTS,
  ...BADGES,
  ...MAIL,
  ...INTROS,
  ...END,
]

/** Ada's dashboard after a step. */
export function adaAfter(before: Row | undefined, { ada }: Step): Row | undefined {
  if (ada === 'is gone') return undefined
  if (ada === 'begins' || before === undefined) return ZEROS
  const changed = Object.entries(ada).map(([counter, by]) => [counter, Number(before[counter]) + by] as const)
  return { ...before, ...Object.fromEntries(changed) }
}
