import { MillraceError } from '../errors.ts'
import { parseStatements } from '../sql/parse.ts'
import { describe } from './describe.ts'
import { isRecord } from './is-record.ts'
import { queryText } from './query-text.ts'
import type { Query } from './query.ts'
import { suggest } from './suggest.ts'

/** A table that a function of the query reads, and where its rows lead. */
export interface DependencyOptions {
  /** The table, with its schema unless that is in the search_path: `'settings'`, `'shop.settings'`. */
  readonly table: string
  /**
   * A SELECT of the key's columns from `changed`, the changed row, as it was and as it is: the keys of all rows for which the
   * function may give another answer. `sql`select p.id from projects p where p.category = changed.category``
   */
  readonly key: Query
}

/** A dependency that was checked. */
export interface DeclaredDependency {
  readonly table: string
  readonly query: string
}

const HINT =
  "Write dependsOn: [{ table: 'settings', key: sql`select p.id from projects p where p.category = changed.category` }]."
const OPTIONS = ['table', 'key']

/** What is wrong with a declared list of dependencies. Needs the parser. */
export function dependencyProblems(dependsOn: unknown, isRefreshed: boolean): readonly MillraceError[] {
  if (dependsOn === undefined) return []
  if (isRefreshed)
    return [
      bad(
        'dependsOn is for read models that follow what changes',
        'Leave it out: each refresh asks the function again.',
      ),
    ]
  if (!Array.isArray(dependsOn)) return [bad(`dependsOn is ${describe(dependsOn)}`, HINT)]
  return dependsOn.flatMap(entryProblems)
}

/** Dependencies without problems. */
export function dependenciesOf(
  dependsOn: readonly DependencyOptions[] | undefined,
): readonly DeclaredDependency[] {
  return (dependsOn ?? []).map(({ table, key }) => ({ table, query: queryText(key) }))
}

function entryProblems(entry: unknown): readonly MillraceError[] {
  if (!isRecord(entry)) return [bad(`an entry of dependsOn is ${describe(entry)}`, HINT)]
  const unknown = Object.keys(entry).filter((it) => !OPTIONS.includes(it))
  return [
    ...unknown.map((it) => bad(`an entry of dependsOn has an unknown option "${it}"`, suggest(it, OPTIONS))),
    ...(isTable(entry['table'])
      ? []
      : [bad(`the table of a dependency is ${describe(entry['table'])}`, HINT)]),
    ...keyProblems(entry['key']),
  ]
}

/** One name, and nothing that would end it: it becomes part of a statement. */
function isTable(table: unknown): boolean {
  if (typeof table !== 'string') return false
  const outcome = parseStatements(`select from\n${table}\nwhere true`)
  const [statement, ...more] = outcome.kind === 'statements' ? outcome.statements : []
  if (statement === undefined || more.length > 0 || !('SelectStmt' in statement)) return false
  const { fromClause = [], withClause, sortClause } = statement.SelectStmt
  const [item] = fromClause
  const isPlain = withClause === undefined && sortClause === undefined && fromClause.length === 1
  return isPlain && item !== undefined && 'RangeVar' in item && item.RangeVar.alias === undefined
}

function keyProblems(key: unknown): readonly MillraceError[] {
  try {
    queryText(key)
    return []
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return [bad(`of a dependency, ${error.detail ?? ''}`, HINT)]
  }
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_DEPENDENCY', { detail, hint })
}
