import type { Plan } from '../../../src/compile/plan.ts'
import { edited, replace, type Fault } from './fault.ts'
import { inPlan } from './in-plan.ts'

/** How a recompute could leave rows as they are. */
export const RECOMPUTE_FAULTS: readonly Fault[] = [
  {
    name: 'a recompute never deletes rows that vanished',
    models: ['per_author'],
    because: 'an author whose last comment goes has no row',
    place: inPlan(
      ['recompute'],
      replace(/(delete from "millrace"."per_author_v1" as stored\s+where)/g, '$1 false and'),
    ),
  },
  {
    name: 'a recompute never inserts new rows',
    models: ['quiet'],
    because: 'a project whose last vote goes gets a row',
    place: inPlan(
      ['recompute'],
      replace(
        'where not exists (select from duplicate)\n  on conflict',
        'where not exists (select from duplicate)\n  and id in (select id from "millrace"."quiet_v1")\n  on conflict',
      ),
    ),
  },
  {
    name: 'a recompute compares rows with =',
    models: ['feed'],
    because: 'scores of 1.0 become 1.00',
    place: inPlan(
      ['recompute'],
      replace(/where record_image_ne\((row\([^()]*\)), (row\([^()]*\))\)/g, 'where $1 is distinct from $2'),
    ),
  },
  {
    name: 'a recompute overlooks that a column differs',
    models: ['everything'],
    because: 'most changes of a project are in its label',
    place: inPlan(['recompute'], ignoreLabel),
  },
  {
    name: 'a recompute counts the elements of a list and does not look at them',
    models: ['lists'],
    because: 'a project gets another title',
    place: inPlan(['recompute'], replace(/\(select array_agg\(.*?as i\)/g, 'null')),
  },
  {
    name: 'a recompute tells lists of json by their kind',
    models: ['lists'],
    because: 'users comment',
    place: inPlan(['recompute'], replace(/case jsonb_typeof.*?\[.*?\] end/g, 'null')),
  },
  {
    name: 'a recompute compares a null key with =',
    models: ['per_author'],
    because: 'a comment may have no author',
    place: { kind: 'plan', change: equalsNull },
  },
]

function equalsNull(plan: Plan): Plan {
  const recompute = plan.statements.recompute.map((it) =>
    it.nulls.includes(true)
      ? { ...it, sql: edited(it.sql, replace('c.user_id IS NULL', 'c.user_id = NULL')) }
      : it,
  )
  return { ...plan, statements: { ...plan.statements, recompute } }
}

function ignoreLabel(text: string): string {
  return text.replaceAll(/record_image_ne.*/g, (line) =>
    line.replaceAll(/, "(stored|excluded)"."label"/g, ''),
  )
}
