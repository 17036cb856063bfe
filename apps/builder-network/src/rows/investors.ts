import { CATEGORIES, SENTENCES, THINGS } from '../words.ts'
import { someTime, type BatchMaker } from './batch.ts'
import { idOf, someone, something, user } from './ids.ts'

const TICKETS = ['10k-50k', '50k-250k', '250k-1m']

export const investorRequests: BatchMaker = (random, sizes) => ({
  table: 'investor_requests',
  columns: {
    id: 'uuid',
    user_id: 'uuid',
    status: 'text',
    company_name: 'text',
    investment_focus: 'text',
    ticket_size: 'text',
    created_at: 'timestamp',
    approved_at: 'timestamp',
  },
  rows: sizes.investorRequests,
  row: (i) => {
    const at = someTime(random)
    const status = random.pick(['pending', 'approved', 'approved', 'approved', 'rejected'])
    return [
      idOf('6', i),
      user(random.below(sizes.users)),
      status,
      `${random.pick(THINGS)} partners ${String(i)}`,
      random.pick(CATEGORIES),
      random.pick(TICKETS),
      at,
      status === 'approved' ? at : null,
    ]
  },
})

export const introRequests: BatchMaker = (random, sizes) => ({
  table: 'intro_requests',
  columns: {
    id: 'uuid',
    investor_id: 'uuid',
    builder_id: 'uuid',
    project_id: 'uuid',
    message: 'text',
    status: 'text',
    created_at: 'timestamp',
    responded_at: 'timestamp',
  },
  rows: sizes.introRequests,
  row: (i) => {
    const at = someTime(random)
    const status = random.pick(['pending', 'pending', 'approved', 'rejected'])
    return [
      idOf('5', i),
      user(random.below(sizes.users)),
      someone(random, sizes),
      something(random, sizes),
      random.pick(SENTENCES),
      status,
      at,
      status === 'pending' ? null : at,
    ]
  },
})
