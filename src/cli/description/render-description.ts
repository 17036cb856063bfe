import type {
  DescribedCost,
  DescribedOccurrence,
  DescribedPath,
  DescribedSource,
  Description,
} from '../../explain/description.ts'
import type { NeededIndex } from '../../doctor/needed-indexes.ts'
import { counted } from '../progress.ts'
import type { Style } from '../style.ts'
import { about, milliseconds, section, table } from './layout.ts'
import { renderRanks } from './render-ranks.ts'
import { renderWriters } from './render-writers.ts'

export interface DescriptionOptions {
  /** The query as the server prints it, and every statement. */
  readonly withSql: boolean
  readonly withQuery: boolean
}

/** Lays a description out for a reader, from what happens to a change down to the statements. */
export function renderDescription(
  description: Description,
  style: Style,
  { withSql, withQuery }: DescriptionOptions,
): readonly string[] {
  const { sources, columns, indexes, ranks, query, statements } = description
  return [
    ...sources.flatMap((source) =>
      source.occurrences.map((it) => renderOccurrence(source, it, description, style)),
    ),
    section(
      'columns',
      style,
      table(columns.map(({ name, type, strategy, because }) => [name, type, strategy, because])),
    ),
    section('writers', style, renderWriters(description)),
    section('recompute', style, renderRecompute(description, style)),
    ...(ranks.length === 0 ? [] : [section('ranks', style, renderRanks(ranks))]),
    section('indexes', style, renderIndexes(indexes, style)),
    ...(withQuery || withSql ? [section('query', style, query.split('\n'))] : []),
    ...(withSql ? statements.map(({ name, sql }) => section(name, style, sql.split('\n'))) : []),
  ]
}

function renderOccurrence(
  source: DescribedSource,
  occurrence: DescribedOccurrence,
  { unit }: Description,
  style: Style,
): string {
  const { alias, columns, filter, strategy, paths } = occurrence
  const rows = source.rows === null ? 'never analyzed' : rowsOf(source.rows)
  const named = source.table.endsWith(`.${alias}`) ? source.table : `${source.table} ${alias}`
  return section(`a change of ${named}`, style, [
    style.faint(rows),
    ...table([
      ['counts', counts(columns, filter)],
      ['captures', source.captured.join(', ') || 'nothing but that it changed'],
      ...paths.flatMap((path) => renderPath(path, strategy, unit.columns, source, style)),
    ]),
  ])
}

function counts(columns: readonly string[], filter: string | null): string {
  const update = columns.length === 0 ? 'a row that comes or goes' : `an update of ${columns.join(', ')}`
  return filter === null ? update : `${update}; only rows with ${filter}`
}

function renderPath(
  path: DescribedPath,
  strategy: 'fold' | 'recompute',
  unit: readonly string[],
  source: DescribedSource,
  style: Style,
): readonly (readonly string[])[] {
  const way = [
    source.table,
    ...path.hops.map((it) => `${it.table} (${it.columns.join(', ')})`),
    unit.join(', '),
  ]
  const hops = path.kind === 'indirect' ? `indirect, ${counted(path.hops.length, 'hop')}` : path.kind
  return [
    ['path', `${way.join(' → ')}  ${style.faint(`${hops}, ${strategy}`)}`],
    ['because', path.because],
    ['affects', fanOut(path)],
    ['cost', renderPathCost(path, strategy, style)],
  ]
}

function fanOut({ kind, fanOut: { average, most } }: DescribedPath): string {
  if (kind === 'direct') return '1 unit'
  if (average === null) return 'unknown: run ANALYZE on the tables of the path'
  const mean = `${about(average)} ${average === 1 ? 'unit' : 'units'}`
  return most === null || most <= average * 1.5 ? mean : `${mean} on average, ${about(most)} at most`
}

function renderPathCost({ find, cost }: DescribedPath, strategy: 'fold' | 'recompute', style: Style): string {
  if (find === null) return 'unknown'
  const parts = [
    ...(cost === null || strategy === 'fold' ? [] : [`${about(cost)} in all`]),
    `${costOf(find)} to ${strategy === 'fold' ? 'add it up' : 'find what it affects'}`,
    ...wholeTablesOf(find, style),
  ]
  return parts.join('; ')
}

function renderRecompute({ recompute, unit, whole }: Description, style: Style): readonly string[] {
  const many =
    unit.rows === null || unit.columns.length === 0 || unit.rows <= 1 ? '' : `, ${rowsOf(unit.rows)}`
  const all = `all of it at once, ${rowsOf(whole.rows)}, would cost ${about(whole.cost)}`
  if (recompute === null) return ['one unit: cost unknown, for there are no rows yet', all]
  return [
    [
      `one unit (${unit.columns.join(', ')}${many}) costs ${costOf(recompute)}`,
      ...wholeTablesOf(recompute, style),
    ].join('; '),
    all,
    style.faint("costs are the planner's: 1 is a page read in sequence"),
  ]
}

function costOf({ cost, ms }: DescribedCost): string {
  return ms === null ? about(cost) : `${about(cost)} (${milliseconds(ms)})`
}

function wholeTablesOf({ wholeTables }: DescribedCost, style: Style): readonly string[] {
  return wholeTables.map(({ table: name, rows }) => style.warning(`reads all of ${name}, ${rowsOf(rows)}`))
}

function renderIndexes(indexes: readonly NeededIndex[], style: Style): readonly string[] {
  return table(
    indexes.map(({ relation, columns, existing, statement }) => {
      const what = `${relation.schema}.${relation.name} (${columns.join(', ')})`
      return existing === null
        ? [style.warning('missing'), what, `${statement ?? ''};`]
        : [style.good('there'), what, existing]
    }),
  )
}

function rowsOf(rows: number): string {
  return `${about(rows)} ${rows === 1 ? 'row' : 'rows'}`
}
