import { SENTENCES } from '../words.ts'
import { someTime, type BatchMaker } from './batch.ts'
import { idOf, someone, user } from './ids.ts'

export const messages: BatchMaker = (random, sizes) => ({
  table: 'direct_messages',
  columns: {
    id: 'uuid',
    sender_id: 'uuid',
    recipient_id: 'uuid',
    message: 'text',
    is_read: 'bool',
    created_at: 'timestamp',
  },
  rows: sizes.messages,
  row: (i) => {
    const from = random.skewed(sizes.users)
    const to = (from + 1 + random.skewed(sizes.users - 1)) % sizes.users
    return [idOf('e', i), user(from), user(to), random.pick(SENTENCES), random.below(3) > 0, someTime(random)]
  },
})

const NEWS = ['vote', 'comment', 'badge', 'intro']

export const notifications: BatchMaker = (random, sizes) => ({
  table: 'notifications',
  columns: {
    id: 'uuid',
    user_id: 'uuid',
    type: 'text',
    message: 'text',
    is_read: 'bool',
    created_at: 'timestamp',
  },
  rows: sizes.notifications,
  row: (i) => [
    idOf('8', i),
    someone(random, sizes),
    random.pick(NEWS),
    random.pick(SENTENCES),
    random.below(4) > 0,
    someTime(random),
  ],
})
