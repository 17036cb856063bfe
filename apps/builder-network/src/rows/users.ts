import { NAMES, SENTENCES } from '../words.ts'
import { someTime, type BatchMaker } from './batch.ts'
import { user } from './ids.ts'

const ROLES = ['builder', 'builder', 'builder', 'builder', 'validator', 'investor']

export const users: BatchMaker = (random, sizes) => ({
  table: 'users',
  columns: {
    id: 'uuid',
    username: 'text',
    email: 'text',
    bio: 'text',
    is_verified: 'bool',
    is_active: 'bool',
    role: 'text',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
  rows: sizes.users,
  row: (i) => {
    const name = `${random.pick(NAMES)}_${String(i)}`
    const at = someTime(random)
    return [
      user(i),
      name,
      `${name}@example.org`,
      random.pick(SENTENCES),
      random.below(5) === 0,
      random.below(50) > 0,
      random.pick(ROLES),
      at,
      at,
    ]
  },
})
