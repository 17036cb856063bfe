import { deparseSelect } from '../sql/deparse.ts'
import { newColumn, oldColumn } from '../sql/names.ts'
import { ident, join, trusted, type Sql } from '../sql/sql.ts'
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
import type { PlanChain, PlanStatements, RelationName } from './plan.ts'
import { relationPredicate } from './recompute.ts'
import { batchesOf, capturedBy, type Batches, unitsOf } from './resolve.ts'
import { type StatementParts, withUnits, noUnits, since } from './statement-parts.ts'
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
import { readerWindow, windowOf, type Window } from './window.ts'

/** Writes what a model is read by strictly: the parts of its view and page function, and of the models above it. */
export class StrictStatements {
  readonly strict: PlanStatements['strict']
  readonly #parts: StatementParts

  constructor(parts: StatementParts) {
    this.#parts = parts
    this.strict = strictParts(this.#strictParts(STRICT_NAMES), this.#live(DIRTY))
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

  /** The query for the units that are queued, over the rows of the models below as they are now. */
  #live(dirty: Sql): Sql {
    const { analysis, unit, lower } = this.#parts
    const select = withUnits(this.#parts, analysis.select, relationPredicate(unit, dirty))
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
        ? unitsOf(analysis, analysis.paths, unit, batches.nameOf, since(this.#parts), ahead)
        : noUnits(this.#parts),
      below: isKnown ? partsBelow(lower, kept) : [],
      lowerTrusts: isKnown ? lower.map(({ storage }) => namesInChain(storage).trust) : null,
    }
  }

  /** What is queued for this model itself, whatever the models below it wait for. */
  queued(): string {
    const { analysis, sources, unit } = this.#parts
    const batches = batchesOf(sources, (source) => windowOf(source, this.#readerWindow()))
    return withList(
      strictCtes({
        ...this.#ownParts(STRICT_NAMES, batches),
        units: unitsOf(analysis, analysis.paths, unit, batches.nameOf, since(this.#parts)),
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
    const captured = this.#capturedOf(source)
    const images = [oldColumn, newColumn].flatMap((side) => captured.map((it) => ident(side(it))))
    // Named one by one: a view stands on each column that it was made with, also those that only other models read.
    const columns = join([...['op', 'changed', 'note'].map(trusted), ...images])
    const queued = windowOf(source, this.#readerWindow(), columns)
    const model = isKnown ? findLower(this.#parts.lower, source) : undefined
    return model === undefined ? queued : join([queued, ...aheadOf(model, captured)], '\n    union all\n    ')
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
}
