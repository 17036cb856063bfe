import type { Analysis } from '../analyze/analysis.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { SelectStmt } from '../sql/parse.ts'
import { join, sql, trusted, type Sql } from '../sql/sql.ts'
import type { LowerModel } from './chain.ts'
import type { FoldLayout } from './fold/fold-layout.ts'
import { injectUnits, type UnitPredicate } from './inject.ts'
import type { Plan, PlanColumn, RelationName, UnitColumn } from './plan.ts'
import { newestWatermark } from './window.ts'

/** What the statements of one plan share. */
export interface StatementParts {
  readonly query: CanonicalQuery
  readonly analysis: Analysis
  readonly folds: FoldLayout
  readonly storage: RelationName
  readonly pending: RelationName
  readonly columns: readonly PlanColumn[]
  readonly key: readonly string[]
  readonly unit: readonly UnitColumn[]
  readonly sources: readonly RelationName[]
  /** Kept by its writers, so that a window holds only what they left. */
  readonly isImmediate: boolean
  /** The hidden column without which readers do not see a row; null where they see all. */
  readonly shown: string | null
  /** The function that tells whether all rows of the sources are seen; null where no policies are reckoned with. */
  readonly allRows: RelationName | null
  readonly decays?: Plan['decays']
  /** Models whose stored rows are among the sources. */
  readonly lower: readonly LowerModel[]
}

/** A SELECT with the units of a batch or relation injected. */
export function withUnits(
  { query, analysis }: Pick<StatementParts, 'query' | 'analysis'>,
  select: SelectStmt,
  predicate: UnitPredicate,
): SelectStmt {
  const targets = analysis.unit.map(({ output }, unit) => ({ unit, output }))
  return injectUnits(select, targets, predicate, query)
}

/** No units, in their types. */
export function noUnits({ unit }: Pick<StatementParts, 'unit'>): Sql {
  return sql`select ${join(unit.map(({ type }) => sql`null::${trusted(type)}`))} where false`
}

/** When the stored rows were right, by the clock. */
export function since({ storage }: Pick<StatementParts, 'storage'>): Sql {
  return newestWatermark(storage, trusted('w.clock'))
}
