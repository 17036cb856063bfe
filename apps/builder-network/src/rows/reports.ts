import { SENTENCES } from '../words.ts'
import { someTime, type BatchMaker } from './batch.ts'
import { idOf, someone, something } from './ids.ts'

const REASONS = ['spam', 'not their own work', 'unkind', 'does not work']

export const reports: BatchMaker = (random, sizes) => ({
  table: 'reports',
  columns: {
    id: 'uuid',
    reporter_id: 'uuid',
    subject: 'text',
    subject_id: 'uuid',
    reason: 'text',
    status: 'text',
    created_at: 'timestamp',
    closed_at: 'timestamp',
  },
  rows: sizes.reports,
  row: (i) => {
    const isOpen = random.below(4) === 0
    const at = someTime(random)
    return [
      idOf('3', i),
      someone(random, sizes),
      'project',
      something(random, sizes),
      random.pick(REASONS),
      isOpen ? 'open' : 'closed',
      at,
      isOpen ? null : at,
    ]
  },
})

export const feedback: BatchMaker = (random, sizes) => ({
  table: 'feedback',
  columns: {
    id: 'uuid',
    user_id: 'uuid',
    message: 'text',
    status: 'text',
    created_at: 'timestamp',
    closed_at: 'timestamp',
  },
  rows: sizes.feedback,
  row: (i) => {
    const isOpen = random.below(3) === 0
    const at = someTime(random)
    return [
      idOf('4', i),
      someone(random, sizes),
      random.pick(SENTENCES),
      isOpen ? 'open' : 'closed',
      at,
      isOpen ? null : at,
    ]
  },
})
