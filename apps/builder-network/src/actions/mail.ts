import { someone } from '../rows/ids.ts'
import { SENTENCES } from '../words.ts'
import type { Action } from './action.ts'

/** What people do with messages and notifications. */
export const MAIL: readonly Action[] = [
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
    name: 'delete a message',
    weight: 2,
    statement: (random, sizes) => ({
      text: `delete from direct_messages
             where id = (select id from direct_messages where sender_id = $1 order by created_at desc, id desc limit 1)`,
      values: [someone(random, sizes)],
    }),
  },
  {
    name: 'read notifications',
    weight: 8,
    statement: (random, sizes) => ({
      text: `update notifications set is_read = true where user_id = $1 and not is_read`,
      values: [someone(random, sizes)],
    }),
  },
  {
    name: 'clear notifications',
    weight: 2,
    statement: (random, sizes) => ({
      text: `delete from notifications where user_id = $1 and is_read`,
      values: [someone(random, sizes)],
    }),
  },
]
