import type { Random } from './random.ts'
import { project, someone, something, user } from './rows/ids.ts'
import type { Sizes } from './sizes.ts'
import { BADGES, CATEGORIES, QUALITIES, SENTENCES, THINGS } from './words.ts'

/** Something that a simulated user does: one statement. */
export interface Action {
  readonly name: string
  /** How often, compared with the others. */
  readonly weight: number
  readonly statement: (random: Random, sizes: Sizes) => { text: string; values: unknown[] }
}

export const ACTIONS: readonly Action[] = [
  {
    name: 'vote',
    weight: 40,
    statement: (random, sizes) => ({
      text: `insert into upvotes (user_id, project_id, is_upvote)
             select u.id, p.id, $3 from users u, projects p where u.id = $1 and p.id = $2
             on conflict (user_id, project_id) do update set is_upvote = excluded.is_upvote`,
      values: [user(random.below(sizes.users)), something(random, sizes), random.below(8) > 0],
    }),
  },
  {
    name: 'take a vote back',
    weight: 4,
    statement: (random, sizes) => ({
      text: `delete from upvotes where project_id = $1
             and user_id = (select user_id from upvotes where project_id = $1 limit 1)`,
      values: [something(random, sizes)],
    }),
  },
  {
    name: 'comment',
    weight: 14,
    statement: (random, sizes) => ({
      text: `insert into comments (project_id, user_id, parent_id, content)
             select p.id, u.id, (select c.id from comments c where $4 and c.project_id = p.id limit 1), $3
             from users u, projects p where u.id = $1 and p.id = $2`,
      values: [
        someone(random, sizes),
        something(random, sizes),
        random.pick(SENTENCES),
        random.below(3) === 0,
      ],
    }),
  },
  {
    name: 'award a badge',
    weight: 4,
    statement: (random, sizes) => ({
      text: `with badge as (
               insert into validation_badges (project_id, validator_id, badge_type)
               select p.id, u.id, $3 from users u, projects p where u.id = $1 and p.id = $2
               on conflict do nothing returning project_id)
             update projects set proof_score = proof_score + 5, updated_at = now() at time zone 'utc'
             where id = (select project_id from badge)`,
      values: [someone(random, sizes), something(random, sizes), random.pick(BADGES)],
    }),
  },
  {
    name: 'send a message',
    weight: 16,
    statement: (random, sizes) => ({
      text: `insert into direct_messages (sender_id, recipient_id, message)
             select a.id, b.id, $3 from users a, users b where a.id = $1 and b.id = $2 and a.id <> b.id`,
      values: [someone(random, sizes), someone(random, sizes), random.pick(SENTENCES)],
    }),
  },
  {
    name: 'read messages',
    weight: 8,
    statement: (random, sizes) => ({
      text: `update direct_messages set is_read = true where recipient_id = $1 and not is_read`,
      values: [someone(random, sizes)],
    }),
  },
  {
    name: 'post a project',
    weight: 3,
    statement: (random, sizes) => ({
      text: `insert into projects (user_id, title, description, category)
             select id, $2, $3, $4 from users where id = $1`,
      values: [
        someone(random, sizes),
        `${random.pick(QUALITIES)} ${random.pick(THINGS)}`,
        random.pick(SENTENCES),
        random.pick(CATEGORIES),
      ],
    }),
  },
  {
    name: 'edit a project',
    weight: 4,
    statement: (random, sizes) => ({
      text: `update projects set title = $2, updated_at = now() at time zone 'utc' where id = $1`,
      values: [something(random, sizes), `${random.pick(QUALITIES)} ${random.pick(THINGS)}`],
    }),
  },
  {
    name: 'hide or show a project',
    weight: 1,
    statement: (random, sizes) => ({
      text: `update projects set is_deleted = not is_deleted where id = $1`,
      values: [project(random.below(sizes.projects))],
    }),
  },
  {
    name: 'change a profile',
    weight: 2,
    statement: (random, sizes) => ({
      text: `update users set bio = $2, is_verified = $3, last_login = now() at time zone 'utc' where id = $1`,
      values: [someone(random, sizes), random.pick(SENTENCES), random.below(4) === 0],
    }),
  },
  {
    name: 'open the feed',
    weight: 30,
    statement: () => ({
      text: `select * from mv_feed_projects order by trending_score desc, id limit 10`,
      values: [],
    }),
  },
  {
    name: 'open the inbox',
    weight: 10,
    statement: (random, sizes) => ({
      text: `select * from message_conversations_denorm where user_id = $1 order by last_message_time desc limit 20`,
      values: [someone(random, sizes)],
    }),
  },
]

/** Actions that only read. */
export const READS: readonly string[] = ['open the feed', 'open the inbox']

const TOTAL_WEIGHT = ACTIONS.reduce((sum, { weight }) => sum + weight, 0)

export function chooseAction(random: Random): Action {
  let at = random.next() * TOTAL_WEIGHT
  for (const action of ACTIONS) {
    at -= action.weight
    if (at < 0) return action
  }
  return random.pick(ACTIONS)
}
