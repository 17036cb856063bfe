import type { RefreshedDescription } from '../../explain/describe-refreshed.ts'
import type { Style } from '../style.ts'
import { about, section, table } from './layout.ts'

/** Lays out how a read model is refreshed on a schedule. */
export function renderRefreshed(
  { because, reads, whole, query, statements }: RefreshedDescription,
  style: Style,
  withSql: boolean,
): readonly string[] {
  return [
    section('changes', style, renderReasons(because)),
    section(
      'reads',
      style,
      table(reads.map((it) => [it.table, it.rows === null ? 'never analyzed' : `${about(it.rows)} rows`])),
    ),
    section('refresh', style, [
      `evaluates the query once, ${about(whole.rows)} rows, for ${about(whole.cost)}, and writes what differs`,
      style.faint("costs are the planner's: 1 is a page read in sequence"),
    ]),
    section('query', style, query.split('\n')),
    ...(withSql ? statements.map(({ name, sql }) => section(name, style, sql.split('\n'))) : []),
  ]
}

function renderReasons(because: readonly string[]): readonly string[] {
  return because.length === 0
    ? ["could be followed: with freshness: 'eventual' it would be fresh within moments"]
    : because.map((it) => `cannot be followed: ${it}`)
}
