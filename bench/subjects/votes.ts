import { capture } from '../peers/capture.ts'
import { immediate } from '../peers/immediate.ts'
import { pgIvm } from '../peers/pg-ivm.ts'
import { refresh } from '../peers/refresh.ts'
import { rowTrigger } from '../peers/row-trigger.ts'
import { statementTrigger } from '../peers/statement-trigger.ts'
import type { Subject } from './subject.ts'
import { COUNT_COMMITTED_VOTES, COUNT_VOTES, CREATE_VOTES, insertVote, PROJECTS } from './votes.sql.ts'

/** How many votes each project has: what folds whole, and what people write counter triggers for. */
export const votes: Subject = {
  name: 'votes',
  title: 'the votes of each project, counted',
  create: CREATE_VOTES,
  model: { name: 'counters', key: ['project_id'], query: COUNT_VOTES, indexes: [] },
  peers: [capture, immediate, rowTrigger, statementTrigger, refresh, pgIvm],
  keys: PROJECTS,
  write: insertVote,
  countCommitted: COUNT_COMMITTED_VOTES,
  read: (relation, project) => ({
    name: 'read_counter',
    text: `select votes from ${relation} where project_id = $1::int`,
    values: [project],
  }),
}
