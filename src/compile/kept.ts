import type { Analysis } from '../analyze/analysis.ts'
import { judgeImmediacy, type Immediacy } from '../analyze/immediate.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { applyName, storageName } from '../sql/names.ts'
import { plainReference } from '../analyze/edges.ts'
import { cannotFail } from '../analyze/cannot-fail.ts'
import { layFolds, type FoldLayout } from './fold-layout.ts'
import { inPlaceFold } from './in-place.ts'
import type { Applied, PlanImmediate, RelationName, UnitColumn } from './plan.ts'
import type { RootRows } from './root-rows.ts'
import { layShownRows } from './shown-rows.ts'

/** How a model is kept, and what its stored table must hold for that. */
export interface Kept {
  readonly analysis: Analysis
  readonly layout: FoldLayout
  readonly immediate: PlanImmediate | null
  /** Of an immediate model that is kept by adding to the rows of one table. */
  readonly rows: RootRows | null
}

export interface KeptInput {
  readonly model: RelationName
  readonly version: number
  readonly key: readonly string[]
  readonly onError: PlanImmediate['onError']
  readonly query: CanonicalQuery
  readonly analysis: Analysis
}

/** The drain adds what it can and computes the rest anew. */
export function layEventual({ query, analysis }: Pick<KeptInput, 'query' | 'analysis'>): Kept {
  return { analysis, layout: layFolds(query, analysis), immediate: null, rows: null }
}

/** Writers add, if all of the model can be kept so; or else all of it is computed anew. */
export function layImmediate(input: KeptInput): Kept {
  const { model, version, key, onError, query, analysis } = input
  const immediacy = judgeImmediacy(query, key, analysis)
  const apply = applyName(storageName(model, version))
  if (immediacy.kind === 'recompute') {
    const unfolded = { ...analysis, folds: { kind: 'subqueries', outputs: [] } } as const
    return {
      analysis: unfolded,
      layout: layFolds(query, unfolded),
      immediate: { kind: 'recompute', because: immediacy.because, onError, apply },
      rows: null,
    }
  }

  const immediate = { kind: 'fold', because: null, onError, apply } as const
  const layout = layFolds(query, analysis)
  if (immediacy.kind === 'groups') return { analysis, layout, immediate, rows: null }
  const shown = layShownRows(query, analysis, layout, immediacy)
  return { analysis, layout: shown, immediate, rows: rootRows(analysis, shown.own, immediacy) }
}

function rootRows(
  { paths }: Analysis,
  own: RootRows['own'],
  { root, alias, condition }: Extract<Immediacy, { kind: 'rows' }>,
): RootRows {
  const unit = paths.find((it) => it.occurrence === root.alias)?.unit ?? []
  const key = unit.map((it) => plainReference(it)?.column ?? '')
  const values = [...(condition === null ? [] : [condition]), ...own.map(({ value }) => value)]
  const mayFail = !values.every(cannotFail)
  return { root, alias, key, condition, own, mayFail }
}

export interface ModelNames {
  readonly model: RelationName
  readonly storage: RelationName
  readonly pending: RelationName
  readonly unit: readonly UnitColumn[]
}

/** What writers of one source do. */
export function appliedTo(kept: Kept, names: ModelNames, source: RelationName): Applied | null {
  const { analysis, layout, immediate, rows } = kept
  if (immediate === null) return null
  return {
    apply: immediate.apply.name,
    inPlace:
      immediate.kind === 'fold'
        ? inPlaceFold({ ...names, analysis, layout, rows, onError: immediate.onError }, source)
        : null,
  }
}
