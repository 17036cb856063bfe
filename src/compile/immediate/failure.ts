import { join, literal, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { RelationName, UnitColumn } from '../plan.ts'
import { possibleUnit, unitNames } from '../resolve.ts'

/** Errors that lie in the rows of some unit, as categories of PL/pgSQL: 21, 22, 23, 54, P0. */
export const DATA_ERRORS =
  'cardinality_violation or data_exception or integrity_constraint_violation or program_limit_exceeded or plpgsql_error'

export interface Failure {
  /** Text that names the row, or the rows. */
  readonly key: Sql
  readonly code: Sql
  readonly problem: Sql
}

/** Fails the write by name of model and key. The code stays what it was, so that the application knows it. */
export function raiseFailure(
  model: RelationName,
  unit: readonly UnitColumn[],
  { key, code, problem }: Failure,
): Sql {
  const columns = unit.map(({ name }) => name).join(', ')
  const text = `read model ${model.schema}.${model.name} cannot be kept for (${columns})`.replaceAll(
    '%',
    '%%',
  )
  return sql`raise exception using errcode = ${code},
    message = format(${literal(`${text} = (%s): %s`)}, ${key}, ${problem}),
    hint = ${literal(`Mend what the write makes of this row, or the query. With onError: 'queue' the write would go through, and the row wait.`)};`
}

interface Guarded {
  readonly model: RelationName
  readonly storage: RelationName
  readonly pending: RelationName
  readonly unit: readonly UnitColumn[]
  readonly onError: 'fail' | 'queue'
}

/**
 * Statements after which a column's value may fail to be computed (a division by a count): the write fails by name of model
 * and key, or the units wait with the error. The block costs a subtransaction, so models that only count and add go
 * without. While a model is being filled its rows are incomplete, and what fails then says nothing.
 */
export function guarded(
  { model, storage, pending, unit, onError }: Guarded,
  statements: string,
  units: Sql,
): string {
  const names = unitNames(unit)
  const changed = sql`(${units}) as unit (${join(names)})`
  const order = join(names.map((name) => sql`unit.${name}`))
  const wait = sql`insert into ${qualified(pending)} (${join(names)}, cause, error)
    select ${order}, 'error', sqlerrm
    from ${changed}
    where ${possibleUnit(unit)}
    order by ${order}
    on conflict (${join(names)}) do update set cause = excluded.cause, error = excluded.error, retry_at = null;`
  const key = sql`(select string_agg(concat_ws(', ', ${order}), '; ' order by ${order})
      from (select * from ${changed} order by ${order} limit 5) as unit)`
  const fail = raiseFailure(model, unit, { key, code: trusted('sqlstate'), problem: trusted('sqlerrm') })
  const isReady = sql`exists (select from millrace.model where storage = ${literal(storage.name)} and state = 'ready')`
  const handler =
    onError === 'queue'
      ? wait
      : sql`if ${isReady} then
      ${fail}
    end if;
    ${wait}`
  return sql`begin
${trusted(statements)}
exception
  when ${trusted(DATA_ERRORS)} then
    ${handler}
end;`.text
}
