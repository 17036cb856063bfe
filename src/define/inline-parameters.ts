import { MillraceError } from '../errors.ts'
import { parseStatements, type Node } from '../sql/parse.ts'
import { literal } from '../sql/sql.ts'
import { describe } from './describe.ts'

/**
 * Writes the parameters of a query into its text. Each becomes a quoted literal of unknown type, which PostgreSQL
 * gives the same type as it would give `$1`: so the query means what it means when its own library runs it.
 * The places come from PostgreSQL's parser, which must have been loaded.
 */
export function inlineParameters(text: string, values: readonly unknown[]): string {
  const literals = values.map(literalOf)
  const outcome = parseStatements(text)
  // What PostgreSQL cannot parse is refused later, with its place, by whoever compiles it.
  if (outcome.kind === 'problem') return text

  const bytes = Buffer.from(text)
  const pieces: string[] = []
  let from = 0
  for (const { location, number } of parametersOf(outcome.statements)) {
    const written = literals[number - 1]
    if (written === undefined) throw missing(number, values.length)
    pieces.push(bytes.subarray(from, location).toString(), written)
    from = location + `$${String(number)}`.length
  }
  return [...pieces, bytes.subarray(from).toString()].join('')
}

interface Parameter {
  readonly location: number
  readonly number: number
}

function parametersOf(statements: readonly Node[]): readonly Parameter[] {
  const found = new Map<number, Parameter>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [tag, child] of Object.entries(value)) {
      if (tag === 'ParamRef') add(child as Partial<Parameter>)
      else visit(child)
    }
  }
  const add = ({ location = 0, number = 0 }: Partial<Parameter>) => found.set(location, { location, number })
  visit(statements)
  return [...found.values()].sort((a, b) => a.location - b.location)
}

function literalOf(value: unknown, index: number): string {
  if (value === null) return 'null'
  if (typeof value === 'string' && !value.includes('\0')) return literal(value).text
  if (typeof value === 'boolean' || typeof value === 'bigint') return literal(String(value)).text
  if (typeof value === 'number' && Number.isFinite(value)) return literal(String(value)).text
  if (value instanceof Date && !Number.isNaN(value.getTime())) return literal(value.toISOString()).text
  throw new MillraceError('BAD_PARAMETER', {
    detail: `parameter ${String(index + 1)} is ${describe(value)}`,
    hint: 'Use a string, a finite number, a boolean, null, a valid Date or a bigint, or write the value in SQL.',
  })
}

function missing(number: number, count: number): MillraceError {
  return new MillraceError('BAD_PARAMETER', {
    detail: `the query has a parameter $${String(number)} and ${String(count)} values`,
    hint: 'Let the query object supply every value.',
  })
}
