import type { IndexOptions } from '../define/read-model.ts'
import { displayName } from '../sql/names.ts'
import { ident } from '../sql/sql.ts'
import type { Draft, Replaced } from './draft.ts'

/** The module that declares a read model, as a person would write it. */
export function declarationText(draft: Draft): string {
  const { relation, key, replaces, freshness, query, indexes } = draft
  const options = [
    ...(relation.schema === 'public' ? [] : [`schema: ${quote(relation.schema)},`]),
    `key: ${key.length === 1 ? quote(key[0] ?? '') : list(key)},`,
    `freshness: ${typeof freshness === 'string' ? quote(freshness) : `{ every: ${quote(freshness.every)} }`},`,
    ...(replaces === null ? [] : replacesText(replaces)),
    ...queryText(query),
    ...indexesText(indexes),
  ]
  return [
    `import { readModel, sql } from 'millrace'`,
    '',
    ...headOf(draft).map((line) => `// ${line}`.trimEnd()),
    `export const ${exportName(relation.name)} = readModel(${quote(relation.name)}, {`,
    ...options.flatMap((it) => it.split('\n')).map((line) => (line === '' ? '' : `  ${line}`)),
    '})',
    '',
  ].join('\n')
}

function headOf({ relation, replaces, comparison, notes }: Draft): readonly string[] {
  const name = displayName(relation)
  const compared =
    comparison === null
      ? []
      : [`When this was written, ${String(comparison.rows)} stored rows were what this query gives.`]
  const isRight = comparison === null || (comparison.differing.length === 0 && comparison.unknownRows === 0)
  return [
    ...(replaces === null
      ? []
      : [`Takes the place of the ${replaces.kind} ${name}, which comes back when this is removed.`]),
    ...(isRight
      ? compared
      : ['Stored rows differ from what this query gives: see what millrace init says of them.']),
    ...notes.flatMap((note) => note.split('\n')),
  ]
}

function replacesText({ kind, triggers, jobs }: Replaced): readonly string[] {
  const names = triggers.map(({ table, name }) =>
    readable(`${ident(name).text} on ${ident(table.schema, table.name).text}`),
  )
  return [
    'replaces: {',
    `  kind: ${quote(kind)},`,
    ...(names.length === 0 ? [] : laidOut('triggers', names.map(quote)).map((line) => `  ${line}`)),
    ...(jobs.length === 0 ? [] : laidOut('jobs', jobs.map(quote)).map((line) => `  ${line}`)),
    '},',
  ]
}

/** More does not fit on a line that one likes to read. */
const WIDTH = 100

/** A list on one line, or with a line for each item. */
function laidOut(option: string, items: readonly string[]): readonly string[] {
  const line = `${option}: [${items.join(', ')}],`
  return line.length <= WIDTH ? [line] : [`${option}: [`, ...items.map((it) => `  ${it},`), '],']
}

/** Without the quotes that plain names do not need. */
function readable(sql: string): string {
  return sql.replaceAll(/"([a-z_][a-z0-9_]*)"/g, '$1')
}

/** The tag takes text as it stands, so what would end it cannot stand in it. */
function queryText(query: string): readonly string[] {
  if (/`|\$\{/.test(query)) return [`query: { text: ${JSON.stringify(query)} },`]
  return ['query: sql`', ...unindented(query).map((line) => `  ${line}`.trimEnd()), '`,']
}

/** `pg_get_viewdef` begins each line with a space or more. */
function unindented(query: string): readonly string[] {
  const lines = query.split('\n').map((line) => line.trimEnd())
  const first = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0
  return lines.map((line) => line.slice(Math.min(first, /^ */.exec(line)?.[0].length ?? 0)))
}

function indexesText(indexes: readonly IndexOptions[]): readonly string[] {
  return indexes.length === 0 ? [] : laidOut('indexes', indexes.map(indexText))
}

function indexText({ columns, name, unique, method, where }: IndexOptions): string {
  const options = [
    ...(name === undefined ? [] : [`name: ${quote(name)}`]),
    `columns: ${list(columns)}`,
    ...(unique === true ? ['unique: true'] : []),
    ...(method === undefined ? [] : [`method: ${quote(method)}`]),
    ...(where === undefined ? [] : [`where: ${quote(where)}`]),
  ]
  return `{ ${options.join(', ')} }`
}

function list(items: readonly string[]): string {
  return `[${items.map(quote).join(', ')}]`
}

function quote(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
  return `'${escaped.replaceAll("'", String.raw`\'`)}'`
}

/** `mv_feed_projects` is exported as mvFeedProjects. */
export function exportName(name: string): string {
  const [first = '', ...words] = name.split(/[^a-zA-Z0-9]+/).filter((it) => it !== '')
  const camel = [
    first.slice(0, 1).toLowerCase() + first.slice(1),
    ...words.map((it) => it.slice(0, 1).toUpperCase() + it.slice(1)),
  ].join('')
  return /^[a-zA-Z]/.test(camel) && !KEYWORDS.has(camel) ? camel : `model${camel}`
}

const KEYWORDS = new Set(
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await'.split(
    ' ',
  ),
)
