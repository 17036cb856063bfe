import type { Plan } from '../compile/plan.ts'
import { createIndex, type IndexDeclaration } from '../compile/storage.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { isDatabaseError } from '../pg/errors.ts'
import { ident, sql, trusted } from '../sql/sql.ts'

interface Indexed {
  readonly plan: Pick<Plan, 'query' | 'model' | 'chain'>
  readonly definition: { readonly indexes: readonly IndexDeclaration[] }
}

const PROBE = ident('pg_temp', 'millrace_probe')

/**
 * What the server has against the declared indexes. They are made on an empty table of the same columns, in a
 * transaction that is rolled back: only the server knows all columns, operator classes and immutable functions.
 */
export async function indexProblems(
  client: Client,
  { plan, definition }: Indexed,
): Promise<readonly MillraceError[]> {
  if (definition.indexes.length === 0) return []
  const problems: MillraceError[] = []
  await client.query('begin')
  try {
    await client.query(
      sql`create temporary table millrace_probe as
${trusted(plan.chain?.query ?? plan.query)}
with no data`.text,
    )
    for (const index of definition.indexes) {
      const problem = await problemOf(
        client,
        createIndex(index, PROBE, index.name ?? 'millrace_probe_index').text,
      )
      if (problem !== undefined) problems.push(indexError(index.columns, problem))
    }
  } finally {
    await client.query('rollback')
  }
  return problems
}

/** What the server says to one statement, if it lies in what was declared (class 42) or cannot be done (0A). */
async function problemOf(client: Client, statement: string): Promise<string | undefined> {
  await client.query('savepoint index')
  try {
    await client.query(statement)
    return undefined
  } catch (error) {
    if (!isDatabaseError(error) || !/^(42|0A)/.test(error.code ?? '')) throw error
    await client.query('rollback to savepoint index')
    return error.message
  }
}

function indexError(columns: readonly string[], problem: string): MillraceError {
  return new MillraceError('BAD_INDEX', {
    detail: `(${columns.join(', ')}): ${problem}`,
    hint: `Write each entry as in CREATE INDEX, over columns of the query: 'score desc' or 'lower(name)'.`,
  })
}
