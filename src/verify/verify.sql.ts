import type { Plan } from '../compile/plan.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'

function names(plan: Plan): readonly Sql[] {
  return plan.unit.map((_, i) => trusted(`u${String(i + 1)}`))
}

/** How many rows are stored, how many units are queued or pending, and whether the queue tells which (`strict.ts`). */
export function queuedUnits(plan: Plan): string {
  return sql`with ${trusted(plan.statements.strict.with)}
select (select count(*) from ${qualified(plan.storage)})::int as rows,
       (select count(*) from millrace_dirty)::int as queued,
       (select is_trusted from millrace_trust) as "isTrusted"`.text
}

/** Every unit that is queued or pending, as text. */
export function listQueuedUnits(plan: Plan): string {
  const values = names(plan).map((name) => sql`${name}::text as ${name}`)
  return sql`with ${trusted(plan.statements.strict.with)}
select ${join(values)}
from millrace_dirty`.text
}

/** `$1` how many → units of stored rows, chosen at random, that are neither queued nor pending. */
export function sampleUnits(plan: Plan): string {
  const stored = plan.unit.map(({ name }) => ident('stored', name))
  const same = stored.map(
    (value, i) => sql`dirty.${names(plan)[i] ?? trusted('')} is not distinct from ${value}`,
  )
  return sql`with ${trusted(plan.statements.strict.with)}
select ${join(stored.map((value, i) => sql`${value}::text as ${names(plan)[i] ?? trusted('')}`))}
from ${qualified(plan.storage)} as stored
where not exists (select from millrace_dirty as dirty where ${join(same, ' and ')})
order by random()
limit $1::bigint`.text
}

/** Parameters: one unit, as text. */
export function markForRepair(plan: Plan): string {
  const values = plan.unit.map(({ type }, i) => sql`$${trusted(String(i + 1))}::text::${trusted(type)}`)
  return sql`insert into ${qualified(plan.pending)} (${join(names(plan))}, cause)
values (${join(values)}, 'repair')
on conflict (${join(names(plan))}) do update set cause = excluded.cause, retry_at = null`.text
}
