import { ident, join, literal, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { RelationName, SourceColumn } from '../plan.ts'

/** A source, and what statements take for granted of it. */
export interface Shaped {
  readonly relation: RelationName
  readonly shape?: readonly SourceColumn[]
}

/**
 * Errors of statements that met another shape than they were written for, as categories of PL/pgSQL: 42, 3F. Such a model waits
 * for the next migration, and the writer goes on.
 */
export const SHAPE_ERRORS = 'syntax_error_or_access_rule_violation or invalid_schema_name'

/**
 * An expression of what has changed in a source since the statements around it were written, null if nothing has. It is to
 * stand in an exception block: where the table is gone it raises. It costs a writer nothing, for the function is taken for
 * immutable and all of its arguments are constants: the server evaluates it when it plans the expression, keeps the answer,
 * and asks again when the table that the constant names is altered, which makes the plan void.
 */
export function shapeProblem({ relation, shape = [] }: Shaped): Sql {
  const table = ident(relation.schema, relation.name).text
  const columns = shape.map(({ column }) => ident('s', column))
  const nulls = shape.map(({ type, collation }) =>
    trusted(`null::${type}${collation === null ? '' : ` collate ${collation}`}`),
  )
  const neverNull = shape.filter((it) => it.isNeverNull).map(({ column }) => literal(column))
  const lists = shape.length === 0 ? [trusted('null'), trusted('null')] : [columns, nulls].map(asLiteral)
  return sql`millrace.shape_problem(${literal(table)}::regclass, ${join(lists)}, array[${join(neverNull)}]::text[])`
}

/** The same for several sources: the first problem. */
export function shapeProblems(sources: readonly Shaped[]): Sql {
  const each = sources.map(shapeProblem)
  return each.length === 1 ? (each[0] ?? trusted('null')) : sql`coalesce(${join(each)})`
}

function asLiteral(parts: readonly Sql[]): Sql {
  return literal(join(parts).text)
}
