import { nestedName, triggerName } from '../../sql/names.ts'
import { ident, join, literal, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { Applied, Interest, PlanSource, RelationName } from '../plan.ts'
import { NESTED, wanted } from './relevance.ts'
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

/** Under a stricter isolation level nobody sees what others have committed: what is not added is left to the worker. */
const DEFERRED = trusted('millrace_deferred')
const STATEMENT = trusted('millrace_statement')

/** Variables of a capture function that tell which models the statement concerns. */
export function applierVariables(immediate: readonly Applier[], event: RowEvent) {
  return immediate.map((applier, i) => {
    const name = trusted(`millrace_applies_${String(i + 1)}`)
    return { name, condition: sql`(${wanted(applier, event)}) as ${name}` }
  })
}

/** Their declarations, and those of what decides. Columns of the source may have any name but such. */
export function declareAppliers(immediate: readonly Applier[], event: RowEvent): Sql {
  if (immediate.length === 0) return sql``
  const each = applierVariables(immediate, event).map(({ name }) => sql`${name} boolean;`)
  const nested = sql`${NESTED} boolean := pg_trigger_depth() > 1 or coalesce(current_setting('millrace.nested', true), '') = 'on';`
  const all = [
    sql`${DEFERRED} boolean;`,
    sql`${STATEMENT} bigint;`,
    ...(immediate.some(isAdded) ? [nested] : []),
    ...each,
  ]
  return sql`
  ${join(all, '\n  ')}`
}

interface Wanted {
  /** Of the eventual models. */
  readonly interests: readonly Interest[]
  readonly appliers: readonly Applier[]
}

/** Every model of the source is kept by adding: what is not nested need not be queued, nor counted. */
export function isAllAdded({ interests, appliers: immediate }: Wanted): boolean {
  return interests.length === 0 && immediate.length > 0 && immediate.every(isAdded)
}

/**
 * Adds what changed to the models that are kept by adding. Not within another statement (a cascade, a trigger of the
 * application's own): that one will lock more of its rows, and somebody who waits here may hold them. Its changes are
 * queued and added at the commit, when no more rows are to be locked; so is all else that the transaction does later. Nothing
 * is added where the source has another shape, or all is to be rebuilt anyway.
 */
export function applyInPlace(source: Wanted, event: RowEvent): Sql {
  const { appliers: immediate } = source
  if (immediate.length === 0) return sql``
  const statements = immediate.flatMap(({ inPlace }) => (inPlace === null ? [] : [inPlace[event]]))
  const added =
    statements.length === 0
      ? sql``
      : sql`
  if problem is null and not ${NESTED} then
${trusted(statements.join('\n'))}${isAllAdded(source) ? trusted('\n    return null;') : sql``}
  end if;`
  return sql`${added}
  ${DEFERRED} := current_setting('transaction_isolation') <> 'read committed';
`
}

/**
 * Notes that a statement runs within another one. The triggers of a cascade fire when the outer statement ends, at its own
 * depth, so capture itself cannot tell; but those before the statement fire within it, and before any capture.
 */
export function noteNested(relation: RelationName, immediate: readonly Applier[]): readonly string[] {
  if (!immediate.some(isAdded)) return []
  const name = nestedName(relation)
  const functionName = qualified(name)
  return [
    sql`create or replace function ${functionName}() returns trigger
language plpgsql
as $millrace$
begin
  perform pg_catalog.set_config('millrace.nested', 'on', true);
  return null;
end
$millrace$`.text,
    sql`create or replace trigger ${ident(triggerName('nested'))}
before update or delete on ${qualified(relation)}
for each statement when (pg_trigger_depth() > 0) execute function ${functionName}()`.text,
  ]
}

/** The queue's columns that say what becomes of a row, and their values. */
export function appliedColumns(immediate: readonly Applier[]): readonly { name: Sql; value: Sql }[] {
  if (immediate.length === 0) return []
  const isLeft = immediate.some((it) => it.isLeft === true)
  return [
    { name: trusted('deferred'), value: isLeft ? trusted('true') : DEFERRED },
    { name: trusted('statement'), value: STATEMENT },
  ]
}

/** Gives the statement its number. */
export function numberStatement(immediate: readonly Applier[]): Sql {
  if (immediate.every((it) => it.isLeft === true)) return sql``
  return sql`
    ${STATEMENT} := nextval('millrace.statement_number');`
}

/**
 * The rows whose deferred trigger applies the statement when the transaction commits. After the queue's rows: where
 * constraints are immediate it runs at once.
 */
export function markForCommit(immediate: readonly Applier[], event: RowEvent): Sql {
  const names = applierVariables(immediate, event).map(({ name }) => name)
  const rows = immediate.flatMap((applier, i) => {
    if (applier.isLeft === true) return []
    const name = names[i] ?? sql``
    return [sql`(${literal(applier.apply)}, ${isAdded(applier) ? name : sql`${name} and not ${DEFERRED}`})`]
  })
  if (rows.length === 0) return sql``
  const setNested = sql`
    if ${NESTED} then
      perform set_config('millrace.nested', 'on', true);
    end if;`
  return sql`
    insert into millrace.at_commit (xid, apply, statement)
    select pg_current_xact_id(), model.apply, ${STATEMENT}
    from (values ${join(rows)}) as model (apply, applies)
    where model.applies;${immediate.some(isAdded) ? setNested : sql``}`
}

function isAdded({ inPlace }: Applier): boolean {
  return inPlace !== null
}
