import { inStatements, replace, type Fault } from './fault.ts'
import { inPlan } from './in-plan.ts'

/** The snapshot of this moment with its upper bound moved on by one. */
const AHEAD = `(select concat_ws(':', pg_snapshot_xmin(s), pg_snapshot_xmax(s)::text::numeric + 1, split_part(s::text, ':', 3))
  from pg_current_snapshot() as s) as`

/** As if the highest transaction of the last snapshot were all that it has to say. */
const PAST_THE_HIGHEST = 'q.xid >= pg_snapshot_xmax($1::text::pg_snapshot)'

/** Which queue rows a drain could take for news, wrongly. */
export const WINDOW_FAULTS: readonly Fault[] = [
  {
    name: 'the window begins one transaction late',
    models: ['per_author'],
    because: 'any model will do: a writer that was under way at the last drain is passed over',
    place: inPlan(['window', 'resolve'], replace('q.xid >= $2', 'q.xid > $2')),
  },
  {
    name: 'the horizon is too far',
    models: ['per_author'],
    because: 'any model will do: writers that were under way at the last drain lie behind it',
    place: inStatements('insert into millrace.watermark', replace('pg_snapshot_xmin', 'pg_snapshot_xmax')),
  },
  {
    name: 'the watermark is one transaction ahead of its snapshot',
    models: ['per_author'],
    because: 'any model will do: the next transaction counts as seen',
    place: inStatements('select pg_try_advisory_xact_lock', replace('pg_current_snapshot()::text as', AHEAD)),
  },
  {
    name: 'transactions that were under way count as seen',
    models: ['per_author'],
    because: 'any model will do',
    place: inPlan(
      ['window', 'resolve'],
      replace('not pg_visible_in_snapshot(q.xid, $1::text::pg_snapshot)', PAST_THE_HIGHEST),
    ),
  },
  {
    name: 'a drain reads one slot only',
    models: ['per_author'],
    because: 'any model will do',
    place: inPlan(['window', 'resolve'], replace('where q.xid >=', 'where q.slot = 0 and q.xid >=')),
  },
  {
    name: 'a drain ignores the mark that calls for a rebuild',
    models: ['per_author'],
    because: 'comments can be truncated',
    needsTruncate: true,
    place: inPlan(['window'], replace("filter (where op = 'R')", 'filter (where false)')),
  },
]
