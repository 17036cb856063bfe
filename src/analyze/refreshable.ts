import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { ErrorCode } from '../errors.ts'
import { deparseExpression } from '../sql/deparse.ts'
import { HOME } from '../sql/names.ts'
import { parseSelect, positionOf, type Node, type SelectStmt } from '../sql/parse.ts'
import type { Declared, Refusal } from './analysis.ts'
import { branchesOf, namesOf, selectIn, targetsOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import { refuseOwnTables } from './own-tables.ts'
import { placeOfOutput } from './places.ts'
import { rowSecurity as rowSecurityProblem } from './sources.ts'

/**
 * Why a query cannot be refreshed on a schedule either. It is evaluated as a whole, in one snapshot, so nearly all is fine
 * that the server takes for one SELECT.
 */
export function refuseRefreshed(
  query: CanonicalQuery,
  key: readonly string[],
  declared: Pick<Declared, 'readableBy'> = {},
): readonly Refusal[] {
  return [
    ...keyProblems(query, key),
    ...rowLocks(query),
    ...sourceProblems(query, declared),
    ...refuseOwnTables(query),
    ...openLimit(query, key),
  ]
}

/** Refusals of a model that follows what changes, with the schedule as a way out, where that is one. */
export function offerSchedule(
  query: CanonicalQuery,
  key: readonly string[],
  refusals: readonly Refusal[],
  declared: Pick<Declared, 'readableBy'> = {},
): readonly Refusal[] {
  const isWayOut =
    refusals.every(({ code }) => ONLY_WHERE_CHANGES_ARE_FOLLOWED.includes(code)) &&
    refuseRefreshed(query, key, declared).length === 0
  if (!isWayOut) return refusals
  const offer = `Or have it refreshed as a whole, on a schedule: freshness: { every: '5 minutes' }.`
  return refusals.map((it) => ({ ...it, hint: `${it.hint} ${offer}` }))
}

/** They come from following changes: whoever refreshes the model as a whole does not meet them. */
const ONLY_WHERE_CHANGES_ARE_FOLLOWED: readonly ErrorCode[] = [
  'UNSUPPORTED_COMMON_TABLE_EXPRESSION',
  'UNSUPPORTED_SET_OPERATION',
  'UNSUPPORTED_WINDOW_FUNCTION',
  'UNSUPPORTED_LIMIT',
  'UNSUPPORTED_FROM_ITEM',
  'UNSUPPORTED_GROUPING_SETS',
  'UNSUPPORTED_JSON_AGGREGATE',
  'VOLATILE_FUNCTION',
  'TIME_DEPENDENT',
  'FUNCTION_MAY_READ_TABLES',
  'FLOAT_AGGREGATE',
  'SOURCE_NOT_A_TABLE',
  'SOURCE_NOT_LOGGED',
  'SOURCE_COLUMN_NOT_CAPTURED',
  'KEY_NOT_TRACEABLE',
  'KEY_FROM_OUTER_JOIN',
  'NO_PATH_TO_KEY',
]

function keyProblems(query: CanonicalQuery, key: readonly string[]): readonly Refusal[] {
  return key.flatMap((name): readonly Refusal[] => {
    const column = query.columns.find((it) => it.name === name)
    if (column === undefined) {
      const columns = query.columns.map((it) => it.name).join(', ')
      const hint = 'Name output columns of the query as its key.'
      return [
        { code: 'KEY_UNKNOWN', detail: `"${name}" is not one of ${columns}`, hint, position: undefined },
      ]
    }
    if (column.sortable) return []
    return [
      {
        code: 'KEY_NOT_COMPARABLE',
        detail: `"${name}" is of type ${column.type}`,
        hint: 'Choose a key column that PostgreSQL can sort, or cast it to text.',
        position: placeOfOutput(query, name),
      },
    ]
  })
}

/** The refresh writes, so its transaction could lock rows; a reader of the strict view could not. */
function rowLocks({ userText }: CanonicalQuery): readonly Refusal[] {
  const refusals: Refusal[] = []
  walk({ SelectStmt: parseSelect(userText) }, ({ node }) => {
    if (!('SelectStmt' in node) || (node.SelectStmt.lockingClause ?? []).length === 0) return
    refusals.push({
      code: 'UNSUPPORTED_ROW_LOCK',
      detail: 'found FOR UPDATE or FOR SHARE',
      hint: 'Leave the locking clause out.',
      position: firstTable(userText, node.SelectStmt),
    })
  })
  return refusals
}

/** The clause itself has no location. */
function firstTable(text: string, { fromClause }: SelectStmt): number | undefined {
  const locations: number[] = []
  walk(fromClause, ({ node }) => {
    if ('RangeVar' in node) locations.push(node.RangeVar.location ?? 0)
  })
  return locations[0] === undefined ? undefined : positionOf(text, locations[0])
}

function sourceProblems(
  { relations, text }: CanonicalQuery,
  { readableBy }: Pick<Declared, 'readableBy'>,
): readonly Refusal[] {
  const named = namedTables(text)
  return relations.flatMap(({ schema, name, persistence, rowSecurity }): readonly Refusal[] => {
    const position = undefined
    // A read model is named by its view, which says the same.
    if (schema === HOME) return []
    if (persistence === 't') {
      const hint = 'Read a table that every session sees.'
      return [{ code: 'SOURCE_TEMPORARY', detail: name, hint, position }]
    }
    // A view is read with the rights of its owner: what he sees of the table cannot be told here.
    const isNamed = named.has(`${schema}.${name}`)
    if (!rowSecurity || (readableBy !== undefined && isNamed)) return []
    const refusal = rowSecurityProblem(`${schema}.${name}`)
    const hint = isNamed ? refusal.hint : 'Name the table in the query, and not the view, with readableBy.'
    return [{ ...refusal, hint, position }]
  })
}

function namedTables(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  walk({ SelectStmt: parseSelect(text) }, ({ node }) => {
    if ('RangeVar' in node) names.add(`${node.RangeVar.schemaname ?? ''}.${node.RangeVar.relname ?? ''}`)
  })
  return names
}

/** Which rows LIMIT lets through is settled if the order ends with what identifies a row. */
function openLimit(query: CanonicalQuery, key: readonly string[]): readonly Refusal[] {
  if (!isLimited(parseSelect(query.userText))) return []
  const select = limitedQuery(query)
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') return []
  const ordered = orderedColumns(select)
  const missing = key.filter((name) => !ordered.has(name))
  if (missing.length === 0) return []
  return [
    {
      code: 'UNDEFINED_ORDER',
      detail: `rows that tie in the order of LIMIT may differ in ${missing.join(', ')}`,
      hint: `End the ORDER BY of the query with the key: ${missing.join(', ')}.`,
      position: limitPosition(query.userText),
    },
  ]
}

/** Where the server's text is `select … from (the query) q`, the query is that in FROM. */
function limitedQuery({ text }: CanonicalQuery): SelectStmt {
  const root = parseSelect(text)
  const [from] = root.fromClause ?? []
  if (isLimited(root) || from === undefined || !('RangeSubselect' in from)) return root
  return selectIn(from.RangeSubselect.subquery)
}

function isLimited({ limitCount, limitOffset }: SelectStmt): boolean {
  return [limitCount, limitOffset].some(
    // The server writes LIMIT ALL as a null constant.
    (it) => it !== undefined && !('A_Const' in it && it.A_Const.isnull === true),
  )
}

/** Names of the output columns that ORDER BY compares: by their expression, their name or their position. */
function orderedColumns(select: SelectStmt): ReadonlySet<string> {
  const [first = select] = branchesOf(select)
  const outputs = targetsOf(first).map(({ name, value }) => ({
    name: name ?? ('ColumnRef' in value ? (namesOf(value.ColumnRef.fields).at(-1) ?? '') : ''),
    text: deparseExpression(value).text,
  }))
  const sorted = (select.sortClause ?? []).flatMap((it) =>
    'SortBy' in it && it.SortBy.node !== undefined ? [it.SortBy.node] : [],
  )
  return new Set(sorted.flatMap((it) => outputs.filter(isOutput(it)).map(({ name }) => name)))
}

function isOutput(
  sorted: Node,
): (output: { readonly name: string; readonly text: string }, i: number) => boolean {
  const bare = 'ColumnRef' in sorted ? namesOf(sorted.ColumnRef.fields) : []
  const position = 'A_Const' in sorted ? sorted.A_Const.ival?.ival : undefined
  const text = deparseExpression(sorted).text
  return (output, i) =>
    position === i + 1 || output.text === text || (bare.length === 1 && bare[0] === output.name)
}

function limitPosition(text: string): number | undefined {
  const { limitCount, limitOffset } = parseSelect(text)
  const clause = limitCount ?? limitOffset
  if (clause === undefined || !('A_Const' in clause)) return undefined
  return positionOf(text, clause.A_Const.location ?? 0)
}
