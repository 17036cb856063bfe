import { someone, something, user } from '../rows/ids.ts'
import { SENTENCES } from '../words.ts'
import type { Action } from './action.ts'

/** What investors and builders do to meet. */
export const INTROS: readonly Action[] = [
  {
    name: 'ask for an introduction',
    weight: 4,
    statement: (random, sizes) => ({
      text: `with intro as (
               insert into intro_requests (investor_id, builder_id, project_id, message)
               select u.id, p.user_id, p.id, $3
               from users u, projects p where u.id = $1 and p.id = $2 and p.user_id <> u.id
               returning builder_id)
             insert into notifications (user_id, type, message)
             select builder_id, 'intro', 'an investor would like to meet you' from intro`,
      values: [user(random.below(sizes.users)), something(random, sizes), random.pick(SENTENCES)],
    }),
  },
  {
    name: 'answer an introduction',
    weight: 4,
    statement: (random, sizes) => ({
      text: `with answered as (
               update intro_requests set status = $2, responded_at = now() at time zone 'utc'
               where id = (select id from intro_requests where builder_id = $1 and status = 'pending'
                           order by created_at desc limit 1)
               returning investor_id)
             insert into notifications (user_id, type, message)
             select investor_id, 'intro', 'a builder has answered you' from answered`,
      values: [someone(random, sizes), random.pick(['approved', 'approved', 'rejected'])],
    }),
  },
  {
    name: 'withdraw an introduction',
    weight: 1,
    statement: (random, sizes) => ({
      text: `delete from intro_requests
             where id = (select id from intro_requests where investor_id = $1 order by created_at desc limit 1)`,
      values: [user(random.below(sizes.users))],
    }),
  },
]
