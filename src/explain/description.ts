import { readerColumns } from '../compile/decay.ts'
import type { Plan, PlanDecay, PlanPath, PlanSource } from '../compile/plan.ts'
import type { NeededIndex } from '../doctor/needed-indexes.ts'
import type { WriteCost } from '../doctor/write-cost.ts'
import type { ChangeCosts } from './change-cost.ts'
import { describeRanks, type DescribedRanks } from './describe-ranks.ts'
import type { Planned } from './planned.ts'
import { product, spreadOf, statisticsOf, type Spread, type TableStatistics } from './statistics.ts'
import { plainCondition } from './plain-condition.ts'
import { statementsOf, type NamedStatement } from './statements-of.ts'
import { displayName, isSameName } from '../sql/names.ts'

/** How a read model is kept, and why: what `explain` and `try` show. Plain data; `--json` prints it as it is. */
export interface Description {
  readonly key: readonly string[]
  /** The columns by which rows are queued and recomputed, and how many rows share one unit, as the planner has it. */
  readonly unit: {
    readonly columns: readonly string[]
    readonly because: string
    readonly rows: number | null
  }
  readonly freshness: 'eventual' | 'immediate'
  /** How writers keep it themselves, or would. */
  readonly immediate: Immediate
  /** What that costs them; null for an eventual model. */
  readonly writers: WriteCost | null
  readonly sources: readonly DescribedSource[]
  readonly columns: readonly DescribedColumn[]
  readonly indexes: readonly NeededIndex[]
  /** Of a leaderboard: what a rank costs. */
  readonly ranks: readonly DescribedRanks[]
  /** Computing one unit anew. */
  readonly recompute: DescribedCost | null
  /** Evaluating the whole query, with the rows that it gives, as the planner has it. */
  readonly whole: DescribedCost & { readonly rows: number }
  readonly query: string
  readonly statements: readonly NamedStatement[]
}

/** `impossible`: the reason is that of the refusal. */
export interface Immediate {
  readonly kind: 'fold' | 'recompute' | 'impossible'
  readonly because: string
}

export interface DescribedSource {
  readonly table: string
  /** As the planner has it; null before the first ANALYZE. */
  readonly rows: number | null
  /** Columns whose old and new values are queued. */
  readonly captured: readonly string[]
  readonly occurrences: readonly DescribedOccurrence[]
}

/** One appearance of a source in the query. */
export interface DescribedOccurrence {
  readonly alias: string
  /** An UPDATE counts if one of these changes, a row only if it passes the filter. */
  readonly columns: readonly string[]
  readonly filter: string | null
  readonly strategy: 'fold' | 'recompute'
  readonly paths: readonly DescribedPath[]
}

export interface DescribedPath {
  readonly kind: PlanPath['kind']
  /** Tables passed on the way, each with the columns it is entered by. */
  readonly hops: readonly { readonly table: string; readonly columns: readonly string[] }[]
  readonly because: string
  /** Units that one changed row affects, by statistics; null where there are none. */
  readonly fanOut: Spread
  /** Finding the units of one changed row; null where it could not be asked for. */
  readonly find: DescribedCost | null
  /** One changed row all in all: finding its units, and computing as many as that are on average. */
  readonly cost: number | null
}

/** In the planner's units, where 1 is a page read in sequence; `ms` only where it was measured. */
export interface DescribedCost {
  readonly cost: number
  readonly ms: number | null
  /** Tables of a thousand rows and more that are read from one end to the other. */
  readonly wholeTables: readonly { readonly table: string; readonly rows: number }[]
}

export interface DescribedColumn {
  readonly name: string
  readonly type: string
  readonly strategy: 'fold' | 'recompute'
  readonly because: string
}

/** What is known besides the plan itself. */
export interface Facts {
  readonly statistics: readonly TableStatistics[]
  readonly costs: ChangeCosts
  readonly whole: Planned
  readonly indexes: readonly NeededIndex[]
  readonly writers: WriteCost | null
  /** How it is kept by its writers, or would be if it were immediate. */
  readonly immediate: Immediate
}

/** A smaller table is read at once, index or not. */
const LARGE_ROWS = 1_000

export function describe(plan: Plan, facts: Facts): Description {
  const { statistics, costs, whole, indexes, writers, immediate } = facts
  return {
    key: plan.key,
    unit: describeUnit(plan, costs),
    freshness: plan.immediate === null ? 'eventual' : 'immediate',
    immediate,
    writers,
    sources: plan.sources.map((source) => describeSource(plan, source, facts)),
    columns: describeColumns(plan),
    indexes,
    ranks: describeRanks(plan, whole.rows),
    recompute: costs.unit === null ? null : describeCost(costs.unit, statistics),
    whole: { ...describeCost(whole, statistics), rows: whole.rows },
    query: plan.query,
    statements: statementsOf(plan),
  }
}

function describeUnit({ key, unit }: Plan, { unit: found }: ChangeCosts): Description['unit'] {
  const columns = unit.map(({ name }) => name)
  if (columns.length === key.length) return { columns, because: 'each row is recomputed by itself', rows: 1 }
  return {
    columns,
    because: `rows that share ${columns.join(', ')} are recomputed together, for the rest of the key is computed from several of them`,
    rows: found?.rows ?? null,
  }
}

function describeSource(plan: Plan, source: PlanSource, facts: Facts): DescribedSource {
  const own = plan.paths.flatMap((path, i) =>
    isSameName(path.source, source.relation) ? [{ path, found: facts.costs.paths[i] ?? null }] : [],
  )
  const aliases = [...new Set(own.map(({ path }) => path.alias))]
  return {
    table: displayName(source.relation),
    rows: statisticsOf(facts.statistics, source.relation)?.rows ?? null,
    captured: source.captured.map((it) => it.column),
    occurrences: aliases.map((alias, i): DescribedOccurrence => {
      const paths = own.filter(({ path }) => path.alias === alias)
      // Interests come in the order of the occurrences, and so do the paths.
      const interest = source.interests[i]
      return {
        alias,
        columns: (interest?.columns ?? []).map(({ name }) => name),
        filter: interest?.filter == null ? null : plainCondition(interest.filter.new),
        strategy: paths.every(({ path }) => path.strategy === 'fold') ? 'fold' : 'recompute',
        paths: paths.map((it) => describePath(plan, source, it, facts)),
      }
    }),
  }
}

function describePath(
  plan: Plan,
  source: PlanSource,
  { path, found }: { readonly path: PlanPath; readonly found: Planned | null },
  { statistics, costs }: Facts,
): DescribedPath {
  const fanOut =
    path.kind === 'declared'
      ? { average: found?.rows ?? null, most: null }
      : product(
          path.hops.map(({ relation, columns }) => spreadOf(statisticsOf(statistics, relation), columns)),
        )
  const isFold = path.strategy === 'fold'
  const perUnit = isFold ? 0 : (costs.unit?.cost ?? null)
  const isKnown = found !== null && perUnit !== null && fanOut.average !== null
  return {
    kind: path.kind,
    hops: path.hops.map(({ relation, columns }) => ({ table: displayName(relation), columns })),
    because: pathReason(plan, source, path),
    fanOut,
    find: found === null ? null : describeCost(found, statistics),
    cost: isKnown ? found.cost + fanOut.average * perUnit : null,
  }
}

function pathReason(
  { unit }: Plan,
  { relation, captured }: PlanSource,
  { hops, strategy, columns, kind }: PlanPath,
): string {
  const units = unit.map(({ name }) => name).join(', ')
  const own = captured.map((it) => it.column).join(', ')
  if (strategy === 'fold')
    return `what a row of ${relation.name} adds or changes is put into the stored row of its ${columns.join(', ') || units} at once`
  if (kind === 'declared')
    return `a function reads ${relation.name}: dependsOn leads from its rows to ${units}`
  if (hops.length === 0) {
    return own === ''
      ? `every change of ${relation.name} is of one and the same row`
      : `a row of ${relation.name} holds ${units} itself (${own})`
  }
  const way = hops.map(({ relation: to, columns }) => `${to.name} by ${columns.join(', ') || 'every row'}`)
  return `${units} is found from a row of ${relation.name} through ${way.join(', then ')}`
}

function describeCost(found: Planned, statistics: readonly TableStatistics[]): DescribedCost {
  const wholeTables = found.wholeTables.flatMap((table) => {
    const rows = statistics.find(({ relation }) => displayName(relation) === table)?.rows ?? 0
    return rows < LARGE_ROWS ? [] : [{ table, rows }]
  })
  return { cost: found.cost, ms: found.ms, wholeTables }
}

function describeColumns(plan: Plan): readonly DescribedColumn[] {
  return readerColumns(plan).map(({ name, type }) => {
    const decay = plan.decays?.find(({ column, rankKey }) => name === column || name === rankKey)
    const fold = plan.folds.find((it) => it.column === (decay?.score ?? name))
    const isList = plan.columns.some((it) => it.name === name && it.elements !== undefined)
    return {
      name,
      type,
      strategy: fold?.foldable === true ? 'fold' : 'recompute',
      because: isList
        ? 'a list in any order: written when an element comes, goes or changes'
        : decay === undefined
          ? (fold?.because ?? 'of its own row: computed with it')
          : decayReason(decay, name),
    }
  })
}

function decayReason({ column, rankKey, kind }: PlanDecay, name: string): string {
  if (name === rankKey) return `rows are in its order as they are in that of ${column}, at any moment`
  const way = kind === 'exponential' ? 'the same part' : 'the same amount'
  return `loses ${way} in equal times: computed from ${rankKey} when it is read`
}
