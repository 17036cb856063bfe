import { displayName } from '../../sql/names.ts'
import { ident, sql } from '../../sql/sql.ts'
import type { Change } from '../changes.ts'
import type { MigrationPart } from '../formats/migration.ts'

type Reindexed = Extract<Change, { readonly kind: 'reindex' }>

export interface IndexParts {
  readonly dropped: readonly MigrationPart[]
  readonly left: readonly string[]
}

/** Dropping takes a moment in any transaction. Making one without keeping writers waiting takes none, and is left to the runner. */
export function indexParts(changes: readonly Change[]): IndexParts {
  const reindexed = changes.filter((it): it is Reindexed => it.kind === 'reindex')
  return {
    dropped: reindexed
      .filter(({ dropped }) => dropped.length > 0)
      .map(({ model: { plan }, dropped }) => ({
        comment: [
          `${displayName(plan.model)}: drop the ${dropped.length === 1 ? 'index' : 'indexes'} ${dropped.map(({ name }) => name).join(', ')}`,
          `locks ${displayName(plan.storage)} ACCESS EXCLUSIVE, milliseconds`,
        ],
        statements: [...new Set(dropped.flatMap(({ name, made }) => [name, made]))].map(
          (it) => sql`drop index if exists ${ident(plan.storage.schema, it)}`.text,
        ),
      })),
    left: reindexed.flatMap(({ model: { plan }, made }) =>
      made.map(({ name }) => `${displayName(plan.model)}: make the index ${name}`),
    ),
  }
}

/** The rest of such a change: what is noted of the model, and is made of functions and names. */
export function withoutIndexes(change: Change): Change {
  if (change.kind !== 'reindex') return change
  const { model, installed } = change
  return { kind: 'update', model, installed }
}
