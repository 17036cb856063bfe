import { someone } from '../rows/ids.ts'
import { QUALITIES, SENTENCES, THINGS } from '../words.ts'
import type { Action } from './action.ts'

/** What people do with themselves. Only newcomers leave: nobody else does anything to them, so nobody gets in their way. */
export const PEOPLE: readonly Action[] = [
  {
    name: 'change a profile',
    weight: 2,
    statement: (random, sizes) => ({
      text: `update users set bio = $2, is_verified = $3, last_login = now() at time zone 'utc' where id = $1`,
      values: [someone(random, sizes), random.pick(SENTENCES), random.below(4) === 0],
    }),
  },
  {
    name: 'sign up',
    weight: 2,
    statement: (random, sizes) => ({
      text: `with newcomer as (
               insert into users (username, email)
               select name, name || '@example.org' from (select 'newcomer_' || right(gen_random_uuid()::text, 12) as name) names
               returning id),
             first_project as (
               insert into projects (user_id, title) select id, $2 from newcomer),
             welcome as (
               insert into direct_messages (sender_id, recipient_id, message)
               select u.id, n.id, $3 from newcomer n, users u where u.id = $1)
             insert into notifications (user_id, type, message) select id, 'welcome', 'welcome' from newcomer`,
      values: [
        someone(random, sizes),
        `${random.pick(QUALITIES)} ${random.pick(THINGS)}`,
        random.pick(SENTENCES),
      ],
    }),
  },
  {
    name: 'leave',
    weight: 1,
    statement: () => ({
      text: `delete from users
             where id = (select id from users where username between 'newcomer_' and 'newcomer_z'
                         limit 1 for update skip locked)`,
      values: [],
    }),
  },
]
