import type { Analysis } from '../analyze/analysis.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { deparseExpression, deparseSelect } from '../sql/deparse.ts'
import { newColumn, oldColumn } from '../sql/names.ts'
import type { SelectStmt } from '../sql/parse.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import {
  aheadOf,
  aheadRows,
  baseTables,
  findLower,
  livePart,
  namesInChain,
  needsLive,
  overStrictRows,
  partsBelow,
  wholeQuery,
  type LowerModel,
} from './chain.ts'
import { compareStatement } from './compare.ts'
import { foldStatement, unfoldableUnits } from './fold/fold.ts'
import { firstStatements, reachedUnits } from './fold/fold-first.ts'
import { foldedOccurrences, numbersOf, type FoldLayout } from './fold/fold-layout.ts'
import { injectUnits, type UnitPredicate } from './inject.ts'
import type { Plan, PlanChain, PlanColumn, PlanStatements, RelationName, UnitColumn } from './plan.ts'
import { batchPredicate, nullPatterns, recomputeStatement, relationPredicate } from './recompute.ts'
import {
  batchesOf,
  capturedBy,
  type Batches,
  occurrenceOf,
  possibleUnit,
  unitNames,
  unitsOf,
} from './resolve.ts'
import {
  DIRTY,
  liveRows,
  STRICT_NAMES,
  strictCtes,
  strictParts,
  withList,
  type StrictNames,
  type StrictParts,
} from './strict.ts'
import {
  DEFERRED_WINDOW,
  DRAIN_WINDOW,
  newestWatermark,
  readerWindow,
  windowOf,
  type Window,
} from './window.ts'
import { passedRows } from './clocks.ts'

interface ResolvedUnits {
  readonly ctes: Sql
  readonly units: Sql
}

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

/** Writes the statements of one plan. */
export class Statements {
  readonly #parts: StatementParts

  constructor(parts: StatementParts) {
    this.#parts = parts
  }

  all(): PlanStatements {
    const { analysis, folds, storage, unit } = this.#parts
    const strict = this.strict()
    const queued = this.#parts.lower.length === 0 ? strict.with : this.#queued()
    const whole = this.#resolvedUnits(() => true)
    const isFolded = this.#isFolded()
    const folded = isFolded ? foldedOccurrences(analysis) : []
    const rest = this.#resolvedUnits((alias) => !folded.includes(alias))
    return {
      window: this.#window(),
      resolve: this.#resolve(rest),
      spill: this.#spill(rest),
      enumerate: this.#enumerate(),
      fold: isFolded
        ? {
            add: numbersOf(folds).length === 0 ? null : foldStatement(analysis, folds, storage, unit),
            ...(folds.firsts.length > 0 && { firsts: firstStatements({ ...this.#parts, layout: folds }) }),
            resolve: this.#resolve(whole),
            spill: this.#spill(whole),
          }
        : null,
      recompute: nullPatterns(this.#parts.unit).map((nulls) => ({ nulls, sql: this.#recompute(nulls) })),
      compare: this.#compare(queued),
      compareUnits: nullPatterns(this.#parts.unit).map((nulls) => ({
        nulls,
        sql: this.#compareUnits(nulls),
      })),
      ...(queued !== strict.with && { queued }),
      strict,
    }
  }

  /** What writers left of an immediate model may be in its rows by now: adding it could count it twice. */
  #isFolded(): boolean {
    const { isImmediate, folds } = this.#parts
    return !isImmediate && folds.columns.length + folds.firsts.length > 0
  }

  strict(): PlanStatements['strict'] {
    return strictParts(this.#strictParts(STRICT_NAMES), this.#live(DIRTY))
  }

  /** How the models above read this one. `text`: its query as readers know it. A score of the moment is in no stored row. */
  chain(text: string): PlanChain {
    const names = namesInChain(this.#parts.storage)
    const parts = this.#strictParts(names, names.batch)
    const strict =
      parts.lowerTrusts === null || this.#parts.decays !== undefined
        ? null
        : { parts: strictCtes(parts), live: liveRows(parts, this.#live(names.dirty)).text }
    const { lower, sources } = this.#parts
    return { query: wholeQuery(text, lower), sources: baseTables(sources, lower), strict }
  }

  #window(): string {
    const { ctes, nameOf } = batchesOf(this.#parts.sources, this.#drained)
    const { analysis } = this.#parts
    const each = [
      ...this.#parts.sources.map((source) => sql`select op, note from ${nameOf(source)}`),
      ...analysis.clocks.map((edge) => {
        const { relation } = occurrenceOf(analysis, edge.alias)
        return sql`select 'C', null from (${passedRows(edge, relation, [edge.column], this.#since())}) as passed`
      }),
    ]
    return sql`with ${join(ctes, ',\n')}
select count(*)::int as changes,
       max(note) filter (where op = 'R') as rebuild
from (
  ${join(each, '\n  union all\n  ')}
) as changes`.text
  }

  /** The units that the window's changes to the chosen occurrences affect. */
  #resolvedUnits(isChosen: (alias: string) => boolean): ResolvedUnits {
    const { analysis, unit, sources } = this.#parts
    const { ctes, nameOf } = batchesOf(sources, this.#drained)
    const paths = analysis.paths.filter((it) => isChosen(it.occurrence))
    const units = [
      ...(paths.length === 0 ? [] : [unitsOf(analysis, paths, unit, nameOf, this.#since())]),
      ...(this.#isFolded()
        ? [
            ...unfoldableUnits(analysis, unit, nameOf),
            ...reachedUnits({ ...this.#parts, layout: this.#parts.folds }, nameOf),
          ]
        : []),
    ]
    return {
      ctes: join(ctes, ',\n'),
      units: units.length === 0 ? this.#none() : join(units, '\nunion all\n'),
    }
  }

  #resolve({ ctes, units }: ResolvedUnits): string {
    const names = unitNames(this.#parts.unit)
    return sql`with ${ctes},
resolved (${join(names)}) as (
${units}
)
select ${join(names.map((name) => sql`${name}::text as ${name}`))}
from (
  select distinct ${join(names)}
  from resolved
  where ${possibleUnit(this.#parts.unit)}
  limit $3::bigint
) as units
order by ${join(names)}`.text
  }

  #spill({ ctes, units }: ResolvedUnits): string {
    return sql`with ${ctes},
resolved (${join(unitNames(this.#parts.unit))}) as (
${units}
),
${this.#insertPending(trusted('resolved'), trusted('$3::text'))}`.text
  }

  #enumerate(): string {
    const names = unitNames(this.#parts.unit)
    const stored = sql`select ${join(this.#parts.unit.map(({ name }) => ident(name)))} from ${this.#name(this.#parts.storage)}`
    return sql`with everything (${join(names)}) as (
${join([...this.#origins(), stored], '\nunion all\n')}
),
${this.#insertPending(trusted('everything'), trusted('$1::text'))}`.text
  }

  /** SELECTs of all units that there are, with more perhaps. */
  #origins(): readonly Sql[] {
    const { analysis, unit, query } = this.#parts
    if (analysis.keys === null) {
      const values = unit.map(({ name }) => ident('live', name))
      return [sql`select ${join(values)} from (\n${trusted(query.text)}\n) as live`]
    }
    const origins = analysis.keys.map(({ table, unit: values }) => {
      const list = values.map(
        (value, i) => sql`(${deparseExpression(value)})::${trusted(unit[i]?.type ?? '')}`,
      )
      if (table === null) return sql`select ${join(list)}`
      const { relation, alias } = table
      return sql`select ${join(list)} from ${ident(relation.schema, relation.name)} as ${ident(alias)}`
    })
    return [...new Map(origins.map((it) => [it.text, it])).values()]
  }

  /** A unit that waits already, perhaps set aside with an error, is due at once. */
  #insertPending(from: Sql, cause: Sql): Sql {
    const names = unitNames(this.#parts.unit)
    return sql`waiting as (
  insert into ${this.#name(this.#parts.pending)} (${join(names)}, cause)
  select distinct ${join(names)}, ${cause}
  from ${from}
  where ${possibleUnit(this.#parts.unit)}
  on conflict (${join(names)}) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting`
  }

  #recompute(nulls: readonly boolean[]): string {
    return recomputeStatement({
      storage: this.#parts.storage,
      pending: this.#parts.pending,
      columns: this.#parts.columns,
      key: this.#parts.key,
      unit: this.#parts.unit,
      fresh: this.fresh(nulls),
      nulls,
    })
  }

  #compare(shared: string): string {
    const { folds } = this.#parts
    const columns = join(this.#parts.columns.map(({ name }) => ident(name)))
    const clean = (alias: string) => {
      const conditions = this.#parts.unit.map(
        ({ name }, i) =>
          sql`dirty.${unitNames(this.#parts.unit)[i] ?? trusted('')} is not distinct from ${ident(alias, name)}`,
      )
      return sql`not exists (select from ${DIRTY} as dirty where ${join(conditions, ' and ')})`
    }
    return compareStatement({
      with: trusted(`${shared},\n`),
      stored: sql`select ${columns} from ${this.#name(this.#parts.storage)} as stored where ${clean('stored')}`,
      actual: sql`select * from (
${deparseSelect(folds.select)}
) as live (${columns}) where ${clean('live')}`,
      columns: this.#parts.columns,
      key: this.#parts.key,
      limit: trusted('$1::bigint'),
    })
  }

  #compareUnits(nulls: readonly boolean[]): string {
    const columns = join(this.#parts.columns.map(({ name }) => ident(name)))
    const inBatch = batchPredicate(this.#parts.unit, nulls).condition(
      this.#parts.unit.map(({ name }, i) => ({ unit: i, expression: ident('stored', name) })),
    )
    return compareStatement({
      with: trusted(''),
      stored: sql`select ${columns} from ${this.#name(this.#parts.storage)} as stored where ${inBatch}`,
      actual: this.fresh(nulls),
      columns: this.#parts.columns,
      key: this.#parts.key,
      limit: sql`$${trusted(String(nulls.filter((isNull) => !isNull).length + 1))}::bigint`,
    })
  }

  readonly #drained = (source: RelationName) =>
    windowOf(source, this.#parts.isImmediate ? DEFERRED_WINDOW : DRAIN_WINDOW)

  /** The query with a batch's units injected, hidden columns included. */
  fresh(nulls: readonly boolean[]): Sql {
    return this.#injected(this.#parts.folds.select, batchPredicate(this.#parts.unit, nulls))
  }

  #injected(select: SelectStmt, predicate: UnitPredicate): Sql {
    return deparseSelect(this.#withUnits(select, predicate))
  }

  #withUnits(select: SelectStmt, predicate: UnitPredicate): SelectStmt {
    const { query, analysis } = this.#parts
    const targets = analysis.unit.map(({ output }, unit) => ({ unit, output }))
    return injectUnits(select, targets, predicate, query)
  }

  /** The query for the units that are queued, over the rows of the models below as they are now. */
  #live(dirty: Sql): Sql {
    const { analysis, unit, lower } = this.#parts
    const select = this.#withUnits(analysis.select, relationPredicate(unit, dirty))
    if (!this.#isChained()) return deparseSelect(select)
    return deparseSelect(overStrictRows(select, lower, (it) => this.#isKeptLive(it)))
  }

  #strictParts(names: StrictNames, prefix?: string): StrictParts {
    const { analysis, lower, sources, unit } = this.#parts
    const isKnown = this.#isChained()
    const batches = batchesOf(sources, (source) => this.#readerBatch(source, isKnown), prefix)
    const ahead = (table: RelationName, columns: readonly string[]) => {
      const model = findLower(lower, table)
      return model && aheadRows(model, columns, this.#isKeptLive(model))
    }
    const kept = lower.filter((it) => this.#isKeptLive(it)).map(livePart)
    return {
      ...this.#ownParts(names, batches),
      units: isKnown
        ? unitsOf(analysis, analysis.paths, unit, batches.nameOf, this.#since(), ahead)
        : this.#none(),
      below: isKnown ? partsBelow(lower, kept) : [],
      lowerTrusts: isKnown ? lower.map(({ storage }) => namesInChain(storage).trust) : null,
    }
  }

  /** What is queued for this model itself, whatever the models below it wait for. */
  #queued(): string {
    const { analysis, sources, unit } = this.#parts
    const batches = batchesOf(sources, (source) => windowOf(source, this.#readerWindow()))
    return withList(
      strictCtes({
        ...this.#ownParts(STRICT_NAMES, batches),
        units: unitsOf(analysis, analysis.paths, unit, batches.nameOf, this.#since()),
        below: [],
        lowerTrusts: [],
      }),
    )
  }

  #ownParts(names: StrictNames, batches: Batches): Omit<StrictParts, 'units' | 'below' | 'lowerTrusts'> {
    const { shown, allRows, storage, pending, sources, columns, decays, unit, query, lower } = this.#parts
    const whole = trusted(wholeQuery(query.text, lower))
    const own = { shown, allRows, storage, pending, sources, columns, decays, unit }
    return { ...own, names, batches, query: whole }
  }

  #readerWindow(): Window {
    return readerWindow(this.#parts.storage, this.#parts.isImmediate)
  }

  /** The window of one source; of the stored rows of a model with what that has yet to write. */
  #readerBatch(source: RelationName, isKnown: boolean): Sql {
    const rows = windowOf(source, this.#readerWindow())
    const model = isKnown ? findLower(this.#parts.lower, source) : undefined
    if (model === undefined) return rows
    const captured = this.#capturedOf(source)
    const images = [oldColumn, newColumn].flatMap((side) => captured.map((it) => ident(side(it))))
    const queued = sql`select ${join([...['op', 'changed', 'note'].map(trusted), ...images])} from (${rows}) as queued`
    return join([queued, ...aheadOf(model, captured)], '\n    union all\n    ')
  }

  /** Columns of a source that paths read in its changes. */
  #capturedOf({ schema, name }: RelationName): readonly string[] {
    const { occurrences, paths } = this.#parts.analysis
    const aliases = occurrences
      .filter(({ relation }) => relation.schema === schema && relation.name === name)
      .map(({ alias }) => alias)
    return [...new Set(aliases.flatMap((alias) => paths.flatMap((path) => capturedBy(path, alias))))]
  }

  /** False: what the models below are ahead is not known, so only the whole query answers strictly. */
  #isChained(): boolean {
    return this.#parts.lower.every(({ chain }) => chain.strict !== null)
  }

  #isKeptLive(model: LowerModel): boolean {
    return model.chain.strict !== null && needsLive(model, this.#capturedOf(model.storage))
  }

  #none(): Sql {
    return sql`select ${join(this.#parts.unit.map(({ type }) => sql`null::${trusted(type)}`))} where false`
  }

  /** When the stored rows were right, by the clock. */
  #since(): Sql {
    return newestWatermark(this.#parts.storage, trusted('w.clock'))
  }

  #name({ schema, name }: RelationName): Sql {
    return ident(schema, name)
  }
}
