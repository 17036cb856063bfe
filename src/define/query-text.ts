import { MillraceError } from '../errors.ts'
import { describe } from './describe.ts'
import { inlineParameters } from './inline-parameters.ts'
import { isRecord } from './is-record.ts'

const HINT = 'Write query: sql`select …`, or give a query object of Kysely or Drizzle.'

/** The SQL of a query, with the parameters of query objects written into it. Needs the parser. */
export function queryText(query: unknown): string {
  const text = textOf(query)
  if (text.trim() === '')
    throw new MillraceError('BAD_DECLARATION', { detail: 'the query is empty', hint: HINT })
  return text
}

function textOf(query: unknown): string {
  if (isRecord(query) || typeof query === 'function') {
    const { compile, toSQL, text, values } = query as Readonly<Record<string, unknown>>
    if (typeof compile === 'function')
      return builtText('Kysely', () => (query as { compile: () => unknown }).compile())
    if (typeof toSQL === 'function')
      return builtText('Drizzle', () => (query as { toSQL: () => unknown }).toSQL())
    if (typeof text === 'string' && values === undefined) return text
  }
  const detail = query === undefined ? 'the query is missing' : `the query is ${describe(query)}`
  throw new MillraceError('BAD_DECLARATION', { detail, hint: HINT })
}

/** Kysely says `parameters` where Drizzle says `params`. */
function builtText(library: string, build: () => unknown): string {
  const built = attempt(library, build)
  if (isRecord(built)) {
    const { sql, parameters, params = parameters } = built
    if (typeof sql === 'string' && Array.isArray(params)) return inlineParameters(sql, params)
  }
  const detail = `the ${library} query gives ${describe(built)} and not SQL with parameters`
  throw new MillraceError('BAD_DECLARATION', { detail, hint: HINT })
}

function attempt(library: string, build: () => unknown): unknown {
  try {
    return build()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const detail = `the ${library} query cannot be turned into SQL: ${message}`
    throw new MillraceError('BAD_DECLARATION', { detail, hint: HINT, cause })
  }
}
