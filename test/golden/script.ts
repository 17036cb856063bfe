import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasNode } from '../../src/analyze/ast/walk.ts'
import { homeGrantsOf } from '../../src/migrate/roles.sql.ts'
import { DROP_SCHEMA } from '../../src/migrate/schema.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { literal } from '../../src/sql/sql.ts'
import { ROLES } from '../support/roles.ts'
import type { Statement } from './recording.ts'

/**
 * Recorded statements as a script for a reader, a blank line between transactions. Left out is what changes nothing:
 * look-ups, transactions of nothing else, and attempts that were rolled back and made again.
 */
export function scriptOf(statements: readonly Statement[]): string {
  const transactions = transactionsOf(statements).filter(
    (it) => !it.some(({ text }) => text === 'rollback') && it.some(({ text }) => effectOf(text) === 'change'),
  )
  const rendered = transactions.map(renderTransaction)
  return rendered.filter((text, i) => text !== rendered[i - 1]).join('\n')
}

/** The same for every case, too. */
const HOME_GRANTS = new Set(homeGrantsOf({ worker: ROLES.worker, reader: ROLES.reader }, []))

/** Millrace's own schema is the same for every case. */
function renderTransaction(statements: readonly Statement[]): string {
  if (statements.some(({ text }) => SCHEMA_FILES.has(text))) return '-- all of sql/\n'
  if (statements.some(({ text }) => text === DROP_SCHEMA.at(-1))) return '-- what sql/ made is dropped\n'
  const rendered = statements
    .filter(({ text }) => effectOf(text) !== 'look-up')
    .map((it) =>
      HOME_GRANTS.has(it.text) ? '-- what the roles may do in the schema millrace\n' : renderStatement(it),
    )
  return rendered.filter((text, i) => !text.startsWith('-- what') || text !== rendered[i - 1]).join('')
}

/** Statements from BEGIN to COMMIT or ROLLBACK; one that stands outside is a transaction of its own. */
function transactionsOf(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  const transactions: Statement[][] = []
  let open: Statement[] | undefined
  for (const statement of statements) {
    if (open === undefined) {
      open = []
      transactions.push(open)
    }
    open.push(statement)
    const isWithin = open[0]?.text.startsWith('begin') === true && !/^(commit|rollback)$/.test(statement.text)
    if (!isWithin) open = undefined
  }
  return transactions
}

type Effect = 'change' | 'control' | 'look-up'

const CONTROL = new Set(['TransactionStmt', 'VariableSetStmt', 'LockStmt'])
const WRITES = ['InsertStmt', 'UpdateStmt', 'DeleteStmt']

function effectOf(text: string): Effect {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') throw new Error(`cannot parse ${text}: ${outcome.problem.message}`)
  const effects = outcome.statements.map((statement): Effect => {
    const [type = ''] = Object.keys(statement)
    if (CONTROL.has(type)) return 'control'
    const isLookUp = type === 'SelectStmt' && !WRITES.some((write) => hasNode(statement, write))
    return isLookUp ? 'look-up' : 'change'
  })
  return effects.find((it) => it !== 'look-up') ?? 'look-up'
}

const SCHEMA = join(import.meta.dirname, '../../sql')
const SCHEMA_FILES = new Set(readdirSync(SCHEMA).map((file) => readFileSync(join(SCHEMA, file), 'utf8')))

function renderStatement({ text: sent, values }: Statement): string {
  const text = sent.replace(/ ?E?'\{"format":.*'::jsonb/s, '<plan>')
  const parameters = values.map((value, i) => `-- $${String(i + 1)}: ${renderValue(value)}\n`)
  return `${parameters.join('')}${withoutMargin(text)};\n`
}

/** Some statements stand indented in the program; what they are indented by says nothing. */
function withoutMargin(text: string): string {
  const [first = '', ...more] = text.trim().split('\n')
  const margins = more.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const margin = text.startsWith('\n') ? Math.min(...margins) : 0
  return [first, ...more.map((line) => line.slice(margin))].join('\n')
}

function renderValue(value: unknown): string {
  if (Array.isArray(value)) return `array[${value.map(renderValue).join(', ')}]`
  if (typeof value === 'string') return volatileName(value) ?? literal(value).text.replaceAll('\n', '\n--   ')
  if (typeof value === 'number' && !Number.isInteger(value)) return '<milliseconds>'
  return String(value)
}

/** What is another text at every run, or is told elsewhere at length. */
function volatileName(value: string): string | undefined {
  if (/^\d+:\d+:[\d,]*$/.test(value)) return '<snapshot>'
  if (/^\d+\/\d+$/.test(value)) return '<cluster>'
  return value.startsWith('{"format":') ? '<plan>' : undefined
}
