import { join, literal, sql, trusted, type Sql } from '../sql/sql.ts'
import type { Applied, Interest, PlanSource } from './plan.ts'
import { wanted } from './relevance.ts'
import type { RowEvent } from './transition.ts'

/** An immediate read model in the capture of one of its sources. */
export interface Applier extends Applied {
  readonly interests: readonly Interest[]
}

/** The immediate models of a source, in an order that is the same for all sources: writers lock in it. */
export function appliers(sources: readonly PlanSource[]): readonly Applier[] {
  return sources
    .flatMap(({ applied, interests }) => (applied === null ? [] : [{ ...applied, interests }]))
    .sort((a, b) => (a.apply < b.apply ? -1 : 1))
}

/** Models whose changes are left to the worker altogether, for they are being made. */
export function leavesAll(immediate: readonly Applier[]): boolean {
  return immediate.some(({ isLeft }) => isLeft === true)
}

/** Variables of a capture function: which models the statement concerns. */
export function applierVariables(immediate: readonly Applier[], event: RowEvent) {
  if (immediate.length === 0) return []
  return immediate.map((applier, i) => {
    const name = trusted(`applies_${String(i + 1)}`)
    return { name, condition: sql`(${wanted(applier, event)}) as ${name}` }
  })
}

/** Their declarations, and those of what decides. */
export function declareAppliers(immediate: readonly Applier[], event: RowEvent): Sql {
  if (immediate.length === 0) return sql``
  const each = applierVariables(immediate, event).map(({ name }) => sql`${name} boolean;`)
  const nested = sql`is_nested boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';`
  const all = [trusted('is_deferred boolean;'), ...(hasFolds(immediate) ? [nested] : []), ...each]
  return sql`
  ${join(all, '\n  ')}`
}

/**
 * Adds what changed to the models that are kept by adding. Not within another statement (a cascade, a trigger of the
 * application's own): that one will lock more of its rows, and somebody who waits here may hold them. Its changes are
 * queued and applied at the commit, when no more rows are to be locked; so is all else that the transaction does later.
 */
export function applyInPlace(
  {
    interests,
    appliers: immediate,
  }: { readonly interests: readonly Interest[]; readonly appliers: readonly Applier[] },
  event: RowEvent,
): Sql {
  const statements = immediate.flatMap(({ inPlace }) => (inPlace === null ? [] : [inPlace[event]]))
  if (immediate.length === 0) return sql``
  const deferred = sql`
  is_deferred := current_setting('transaction_isolation') <> 'read committed';`
  if (statements.length === 0) return deferred
  const isAll = interests.length === 0 && statements.length === immediate.length
  return sql`
  if not is_nested then
${trusted(statements.join('\n'))}${isAll ? trusted('\n    return null;') : sql``}
  end if;${deferred}
`
}

/** The row whose deferred trigger applies the changes when the transaction commits. */
export function markForCommit(immediate: readonly Applier[], event: RowEvent): Sql {
  const rows = applierVariables(immediate, event).flatMap(({ name }, i) =>
    immediate[i]?.isLeft === true ? [] : [sql`(${literal(immediate[i]?.apply ?? '')}, ${name})`],
  )
  if (rows.length === 0) return sql``
  return sql`
    if not is_deferred then
      insert into millrace.at_commit (xid, apply)
      select pg_current_xact_id(), model.apply
      from (values ${join(rows)}) as model (apply, applies)
      where model.applies;${
        hasFolds(immediate)
          ? sql`
      if is_nested then
        perform set_config('millrace.nested', 'on', true);
      end if;`
          : sql``
      }
    end if;`
}

function hasFolds(immediate: readonly Applier[]): boolean {
  return immediate.some(({ inPlace }) => inPlace !== null)
}
