import type { Analysis } from '../analyze/analysis.ts'
import { NO_FOLDS } from '../analyze/folds.ts'
import { judgeImmediacy, type Immediacy } from '../analyze/immediate.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { addName, applyName, storageName } from '../sql/names.ts'
import { plainReference } from '../analyze/edges.ts'
import { cannotFail } from '../analyze/cannot-fail.ts'
import { addStatements, type AddParts, type Changed } from './immediate/add.ts'
import { queuedRows, statementRows } from './immediate/changed-rows.ts'
import { foldedOccurrences, layFolds, type FoldLayout } from './fold/fold-layout.ts'
import type { Applied, PlanImmediate, RelationName, UnitColumn } from './plan.ts'
import type { RootRows } from './immediate/root-rows.ts'
import { occurrenceOf } from './resolve.ts'
import { layShownRows } from './immediate/shown-rows.ts'
import type { RowEvent } from './capture/transition.ts'

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
  const storage = storageName(model, version)
  if (immediacy.kind === 'recompute') {
    const unfolded = { ...analysis, folds: NO_FOLDS }
    return {
      analysis: unfolded,
      layout: layFolds(query, unfolded),
      immediate: { kind: 'recompute', because: immediacy.because, onError, apply: applyName(storage) },
      rows: null,
    }
  }

  const immediate = { kind: 'fold', because: null, onError, apply: addName(storage) } as const
  const layout = layFolds(query, analysis)
  if (immediacy.kind === 'groups') return { analysis, layout, immediate, rows: null }
  const shown = layShownRows(query, analysis, layout, immediacy)
  return {
    analysis: withEveryRow(analysis, immediacy.root.alias),
    layout: shown,
    immediate,
    rows: rootRows(analysis, shown.own, immediacy),
  }
}

/** Rows that WHERE keeps out are stored too, so every change of them matters. */
function withEveryRow(analysis: Analysis, root: string): Analysis {
  const occurrences = analysis.occurrences.map((it) => (it.alias === root ? { ...it, filter: [] } : it))
  return { ...analysis, occurrences }
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
  const { immediate } = kept
  if (immediate === null) return null
  const inPlace = (event: RowEvent) =>
    addStatements(addParts(kept, names, immediate), changedIn(kept, source), statementRows(event))
  return {
    apply: immediate.apply.name,
    inPlace:
      immediate.kind === 'fold'
        ? { insert: inPlace('insert'), update: inPlace('update'), delete: inPlace('delete') }
        : null,
  }
}

/** What a transaction adds, when it commits, that it could not add at once. */
export function addedAtCommit(kept: Kept, names: ModelNames, immediate: PlanImmediate): string {
  const parts = addParts(kept, names, immediate)
  return addStatements(parts, changedIn(kept, null), queuedRows(kept.analysis))
}

function addParts({ analysis, layout, rows }: Kept, names: ModelNames, { onError }: PlanImmediate): AddParts {
  return { ...names, analysis, layout, rows, onError }
}

/** What the rows of a source are to a model; null: of all its sources. */
function changedIn({ analysis, rows }: Kept, source: RelationName | null): Changed {
  const isIts = ({ schema, name }: RelationName) =>
    source === null || (schema === source.schema && name === source.name)
  const added = foldedOccurrences(analysis).filter((it) => isIts(occurrenceOf(analysis, it).relation))
  return {
    added: [...new Set(added)],
    root: rows !== null && isIts(rows.root.relation) ? rows : null,
  }
}
