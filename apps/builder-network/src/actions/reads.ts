import { someone } from '../rows/ids.ts'
import type { Action } from './action.ts'

/** Pages that people open. */
export const READS: readonly Action[] = [
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
  {
    name: 'open the dashboard',
    weight: 20,
    statement: (random, sizes) => ({
      text: `select d.*, i.pending_requests, i.approved_requests, i.rejected_requests
             from user_dashboard_stats d join intro_request_stats i using (user_id) where d.user_id = $1`,
      values: [someone(random, sizes)],
    }),
  },
  {
    name: 'open notifications',
    weight: 10,
    statement: (random, sizes) => ({
      text: `select * from notifications where user_id = $1 order by created_at desc limit 20`,
      values: [someone(random, sizes)],
    }),
  },
]
