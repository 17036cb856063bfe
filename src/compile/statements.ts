import { deparseExpression, deparseSelect } from '../sql/deparse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import { passedRows } from './clocks.ts'
import { compareStatement } from './compare.ts'
import { firstStatements, reachedUnits } from './fold/fold-first.ts'
import { foldedOccurrences, numbersOf } from './fold/fold-layout.ts'
import { foldStatement, unfoldableUnits } from './fold/fold.ts'
import type { PlanStatements, RelationName } from './plan.ts'
import { batchPredicate, nullPatterns, recomputeStatement } from './recompute.ts'
import { batchesOf, occurrenceOf, possibleUnit, unitNames, unitsOf } from './resolve.ts'
import { type StatementParts, withUnits, noUnits, since } from './statement-parts.ts'
import type { StrictStatements } from './strict-statements.ts'
import { DIRTY } from './strict.ts'
import { DEFERRED_WINDOW, DRAIN_WINDOW, windowOf } from './window.ts'

interface ResolvedUnits {
  readonly ctes: Sql
  readonly units: Sql
}

/** Writes the statements of one plan: those of the worker here, those of readers in `strict-statements.ts`. */
export class Statements {
  readonly #parts: StatementParts

  constructor(parts: StatementParts) {
    this.#parts = parts
  }

  all(reads: StrictStatements): PlanStatements {
    const { analysis, folds, storage, unit } = this.#parts
    const { strict } = reads
    const queued = this.#parts.lower.length === 0 ? strict.with : reads.queued()
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

  #window(): string {
    const { ctes, nameOf } = batchesOf(this.#parts.sources, this.#drained)
    const { analysis } = this.#parts
    const each = [
      ...this.#parts.sources.map((source) => sql`select op, note from ${nameOf(source)}`),
      ...analysis.clocks.map((edge) => {
        const { relation } = occurrenceOf(analysis, edge.alias)
        return sql`select 'C', null from (${passedRows(edge, relation, [edge.column], since(this.#parts))}) as passed`
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
      ...(paths.length === 0 ? [] : [unitsOf(analysis, paths, unit, nameOf, since(this.#parts))]),
      ...(this.#isFolded()
        ? [
            ...unfoldableUnits(analysis, unit, nameOf),
            ...reachedUnits({ ...this.#parts, layout: this.#parts.folds }, nameOf),
          ]
        : []),
    ]
    return {
      ctes: join(ctes, ',\n'),
      units: units.length === 0 ? noUnits(this.#parts) : join(units, '\nunion all\n'),
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
    // One that waits, set aside with an error, may be in neither any more.
    const waiting = sql`select ${join(names)} from ${this.#name(this.#parts.pending)}`
    return sql`with everything (${join(names)}) as (
${join([...this.#origins(), stored, waiting], '\nunion all\n')}
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
      return sql`select ${join(list)} from ${qualified(relation)} as ${ident(alias)}`
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
    return deparseSelect(
      withUnits(this.#parts, this.#parts.folds.select, batchPredicate(this.#parts.unit, nulls)),
    )
  }

  #name({ schema, name }: RelationName): Sql {
    return ident(schema, name)
  }
}
