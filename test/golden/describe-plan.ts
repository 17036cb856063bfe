import type {
  Interest,
  Plan,
  PlanImmediate,
  PlanPath,
  PlanSource,
  RelationName,
} from '../../src/compile/plan.ts'

/** What the compiler found out about a query, for a reader. */
export function describePlan(plan: Plan): string {
  const { key, unit, query, columns, sources, paths, folds, immediate } = plan
  return [
    section('key', [key.join(', ')]),
    section(
      'unit',
      unit.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`),
    ),
    section('query', query.split('\n')),
    section(
      'columns',
      columns.map(({ name, type, collation, hidden, elements }) =>
        [
          name,
          type,
          ...(collation === null ? [] : ['collate', collation]),
          ...(hidden ? ['(hidden)'] : []),
          ...(elements === undefined ? [] : ['(in any order)']),
        ].join(' '),
      ),
    ),
    ...(folds.length === 0
      ? []
      : [
          section(
            'folds',
            folds.map((it) => `${it.column}: ${it.foldable ? 'fold' : 'recompute'}, ${it.because}`),
          ),
        ]),
    ...(immediate === null ? [] : [section('immediate', describeImmediate(immediate))]),
    section('sources', sources.flatMap(describeSource)),
    section(
      'paths',
      paths.flatMap((path) => describePath(path, plan)),
    ),
  ].join('\n')
}

/** The statements of a drain that installation has no occasion to run. */
export function describeDrain({ statements: { window, resolve, fold } }: Plan): string {
  return [...script('window', window), ...script('resolve', resolve), ...script('fold', fold)].join('\n')
}

type Script = string | null | readonly string[] | { readonly [part: string]: Script }

function script(name: string, statements: Script): readonly string[] {
  if (statements === null) return []
  if (typeof statements === 'string') return [`-- ${name}\n${statements};\n`]
  return Object.entries(statements).flatMap(([part, statement]) => script(`${name}: ${part}`, statement))
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line}`.trimEnd()), ''].join('\n')
}

function describeImmediate({ kind, because, onError, apply }: PlanImmediate): readonly string[] {
  return [
    because === null ? kind : `${kind}: ${because}`,
    `on error: ${onError}`,
    `at the commit: ${nameOf(apply)}`,
  ]
}

function describeSource({ relation, captured, interests, applied }: PlanSource): readonly string[] {
  const columns = captured.map(({ column, type }) => `${column} ${type}`)
  return [
    nameOf(relation),
    `  captures ${columns.join(', ') || 'nothing but that a row has changed'}`,
    ...interests.map((it) => `  ${describeInterest(it)}`),
    ...(applied?.inPlace == null ? [] : ['  its statements add what they change']),
  ]
}

/** The filter as it is asked of the new image; that of the old one differs in its alias only. */
function describeInterest({ columns, filter }: Interest): string {
  const names = columns.map(({ name }) => name).join(', ')
  return `reads ${names || 'no column'}${filter === null ? '' : ` of rows where ${filter.new}`}`
}

function describePath(
  { source, alias, kind, strategy, hops, sql }: PlanPath,
  { unit }: Plan,
): readonly string[] {
  const way = hops.map(({ relation, columns }) => `${nameOf(relation)} by ${columns.join(', ')}`)
  const units = unit.map(({ name }) => name).join(', ')
  return [
    `${[`${nameOf(source)} ${alias}`, ...way, units].join(' -> ')} (${kind}, ${strategy})`,
    ...sql.split('\n').map((line) => `    ${line}`),
  ]
}

function nameOf({ schema, name }: RelationName): string {
  return `${schema}.${name}`
}
