import type { Plan } from '../compile/plan.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { captureName } from '../sql/names.ts'
import { ident } from '../sql/sql.ts'
import { SOURCE_CHANGES } from './source-changes.sql.ts'

/** Something in a source that is not what it was when a read model was compiled. */
export interface SourceChange {
  /** As it was called then, quoted. */
  readonly source: string
  /** Null: it is the table itself. */
  readonly column: string | null
  readonly change: 'dropped' | 'renamed' | 'retyped' | 'nullable'
  /** The name or the type that it has now. */
  readonly isNow: string | null
}

/** What has changed in the sources of a read model. Plans of an earlier version do not say enough. */
export async function findSourceChanges(
  client: Client,
  { sources }: Pick<Plan, 'sources'>,
): Promise<readonly SourceChange[]> {
  const wanted = sources.flatMap(({ relation, shape }) =>
    shape === undefined
      ? []
      : [
          {
            source: ident(relation.schema, relation.name).text,
            capture: captureName(relation, 'insert').name,
            shape,
          },
        ],
  )
  if (wanted.length === 0) return []
  return await client.query<SourceChange & object>(SOURCE_CHANGES, [JSON.stringify(wanted)])
}

/** `public.projects: the column title is called headline now` */
export function describeSourceChange({ source, column, change, isNow }: SourceChange): string {
  const what = column === null ? 'the table' : `the column ${column}`
  const then = {
    dropped: 'is gone',
    renamed: `is called ${isNow ?? ''} now`,
    retyped: `is of type ${isNow ?? ''} now`,
    nullable: 'may be null now',
  }[change]
  return `${source.replaceAll('"', '')}: ${what} ${then}`
}

/** Until the model is brought up to date its drains would fail, or compute something else than readers have been promised. */
export function sourceChanged(
  { model }: Pick<Plan, 'model'>,
  changes: readonly SourceChange[],
  cause?: unknown,
): MillraceError {
  const found = changes.map(describeSourceChange)
  const reason = found.length > 0 || !(cause instanceof Error) ? found : [cause.message]
  return new MillraceError('SHAPE_CHANGED', {
    detail: `${model.schema}.${model.name}: ${reason.join('; ')}`,
    hint: 'Declare the read model as the table is now, and run: millrace migrate up',
    cause,
  })
}
