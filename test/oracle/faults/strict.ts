import { replace, type Fault } from './fault.ts'
import { inPlan } from './in-plan.ts'

/** What a strict read could believe, wrongly. */
export const STRICT_FAULTS: readonly Fault[] = [
  {
    name: 'a strict read does not look for the sentinels',
    models: ['per_author'],
    because: 'any model will do: readers hold old snapshots while slots are emptied',
    place: inPlan(['strict'], replace("where q.xid = '0'::xid8) = 3", "where q.xid = '0'::xid8) >= 0")),
  },
  {
    name: 'a strict read passes over one slot',
    models: ['per_author'],
    because: 'any model will do',
    place: inPlan(['strict'], replace('where q.xid >=', 'where q.slot <> 0 and q.xid >=')),
  },
  {
    name: `a strict read passes over the reader's own rows`,
    models: ['per_author'],
    because: 'any model will do: writers read strictly what they have just written',
    place: inPlan(
      ['strict'],
      replace('where q.xid >=', 'where q.xid is distinct from pg_current_xact_id_if_assigned() and q.xid >='),
    ),
  },
  {
    name: 'a strict read passes over pending units',
    models: ['per_author'],
    because: 'any model will do: small chunks leave units waiting',
    place: inPlan(['strict'], replace(/from "millrace"."pending_\w+"/g, '$& where false')),
  },
  {
    name: 'a strict read ignores the mark that calls for a rebuild',
    models: ['per_author'],
    because: 'comments can be truncated',
    needsTruncate: true,
    place: inPlan(['strict'], replace("as marks where op = 'R'", 'as marks where false')),
  },
  {
    name: 'a strict read does not look for the unit whose key is null',
    models: ['per_author'],
    because: 'a comment may have no author',
    place: inPlan(
      ['strict'],
      replace(/not \(\S+ is null and exists \(select from \S+ as dirty where dirty\.u1 is null\)\)/g, 'true'),
    ),
  },
]
