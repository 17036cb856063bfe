import { project, someone, something, user } from '../rows/ids.ts'
import { BADGES, CATEGORIES, QUALITIES, SENTENCES, THINGS } from '../words.ts'
import type { Action } from './action.ts'

/** What people do to projects. */
export const PROJECTS: readonly Action[] = [
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
      text: `with comment as (
               insert into comments (project_id, user_id, parent_id, content)
               select p.id, u.id, (select c.id from comments c where $4 and c.project_id = p.id limit 1), $3
               from users u, projects p where u.id = $1 and p.id = $2
               returning project_id, user_id)
             insert into notifications (user_id, type, message)
             select p.user_id, 'comment', 'a comment on ' || p.title
             from comment c join projects p on p.id = c.project_id where p.user_id <> c.user_id`,
      values: [
        someone(random, sizes),
        something(random, sizes),
        random.pick(SENTENCES),
        random.below(3) === 0,
      ],
    }),
  },
  {
    name: 'delete a comment',
    weight: 2,
    statement: (random, sizes) => ({
      text: `update comments set is_deleted = true, updated_at = now() at time zone 'utc'
             where id = (select id from comments where user_id = $1 and not is_deleted order by created_at desc limit 1)`,
      values: [someone(random, sizes)],
    }),
  },
  {
    name: 'award a badge',
    weight: 4,
    statement: (random, sizes) => ({
      text: `with badge as (
               insert into validation_badges (project_id, validator_id, badge_type)
               select p.id, u.id, $3 from users u, projects p where u.id = $1 and p.id = $2
               on conflict do nothing returning project_id),
             scored as (
               update projects set proof_score = proof_score + 5, updated_at = now() at time zone 'utc'
               where id = (select project_id from badge)
               returning user_id, title)
             insert into notifications (user_id, type, message)
             select user_id, 'badge', 'a badge for ' || title from scored`,
      values: [someone(random, sizes), something(random, sizes), random.pick(BADGES)],
    }),
  },
  {
    name: 'take a badge back',
    weight: 1,
    statement: (random, sizes) => ({
      text: `delete from validation_badges
             where id = (select id from validation_badges where validator_id = $1 order by created_at desc limit 1)`,
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
    name: 'hand a project over',
    weight: 1,
    statement: (random, sizes) => ({
      text: `update projects p set user_id = u.id from users u where p.id = $1 and u.id = $2`,
      values: [project(random.below(sizes.projects)), someone(random, sizes)],
    }),
  },
]
