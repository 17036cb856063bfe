import { parseStatements, type Node } from '../sql/parse.ts'
import { describe } from './describe.ts'
import { nameProblem } from './check-name.ts'
import { isRecord } from './is-record.ts'
import { suggest } from './suggest.ts'

const OPTIONS = ['columns', 'name', 'unique', 'where', 'method']

/** What is wrong with a declared index: each with what was found and the way out. Needs the parser. */
export function indexProblems(index: unknown): readonly Problem[] {
  if (Array.isArray(index)) return columnsProblems(index)
  if (!isRecord(index)) {
    const hint = `Write a list of columns, ['score desc'], or { columns: [...] }.`
    return [{ detail: `is ${describe(index)}`, hint }]
  }

  return [
    ...Object.keys(index)
      .filter((option) => !OPTIONS.includes(option))
      .map((option) => ({ detail: `has an unknown option "${option}"`, hint: suggest(option, OPTIONS) })),
    ...columnsProblems(index['columns']),
    ...optionProblem('name', index['name'], 'Give a name of at most 63 bytes.', (it) => nameProblem(it)),
    ...optionProblem('method', index['method'], 'Use btree, gin, gist, brin or hash.', (it) =>
      nameProblem(it),
    ),
    ...optionProblem('unique', index['unique'], 'Use true or false.', (it) =>
      typeof it === 'boolean' ? undefined : `is ${describe(it)}`,
    ),
    ...optionProblem('where', index['where'], `Write a condition in SQL: 'not is_deleted'.`, whereProblem),
  ]
}

export interface Problem {
  readonly detail: string
  readonly hint: string
}

function columnsProblems(columns: unknown): readonly Problem[] {
  const hint = `Write each entry as in CREATE INDEX: 'score desc' or 'lower(name)'.`
  if (!Array.isArray(columns) || columns.length === 0)
    return [{ detail: `has ${describe(columns)} as columns`, hint }]

  return columns.flatMap((column: unknown) => {
    if (typeof column !== 'string') return [{ detail: `has ${describe(column)} among its columns`, hint }]
    return isOneEntry(column)
      ? []
      : [{ detail: `has an entry that is not one column or expression: ${describe(column)}`, hint }]
  })
}

function optionProblem(
  option: string,
  value: unknown,
  hint: string,
  check: (value: unknown) => string | undefined,
): readonly Problem[] {
  const found = value === undefined ? undefined : check(value)
  return found === undefined ? [] : [{ detail: `has an option "${option}" that ${found}`, hint }]
}

function whereProblem(condition: unknown): string | undefined {
  if (typeof condition !== 'string') return `is ${describe(condition)}`
  const index = parseIndex(`create index on t (c) where (\n${condition}\n)`)
  return index === undefined ? `is not one condition: ${describe(condition)}` : undefined
}

/** The entry is SQL of the user's own: it must be one entry, and not close the list to add something. */
function isOneEntry(column: string): boolean {
  const index = parseIndex(`create index on t (\n${column}\n)`)
  if (index?.indexParams?.length !== 1) return false
  return [index.whereClause, index.options, index.indexIncludingParams].every((it) => it === undefined)
}

function parseIndex(text: string) {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') return undefined
  const [statement, ...more]: readonly Node[] = outcome.statements
  return statement !== undefined && more.length === 0 && 'IndexStmt' in statement
    ? statement.IndexStmt
    : undefined
}
