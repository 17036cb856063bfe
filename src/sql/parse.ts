import { hasSqlDetails, loadModule, parseSync } from 'libpg-query'
import type { Node, SelectStmt } from 'libpg-query'

export type {
  A_Const,
  A_Expr,
  ColumnRef,
  FuncCall,
  JoinExpr,
  Node,
  RangeFunction,
  RangeSubselect,
  RangeVar,
  SelectStmt,
  SortBy,
  SubLink,
  WindowDef,
} from 'libpg-query'

/** Loads PostgreSQL's own parser (WebAssembly). Must have been awaited once before anything is parsed. */
export async function loadParser(): Promise<void> {
  await loadModule()
}

export interface SyntaxProblem {
  readonly message: string
  /** 0-based offset in UTF-16 units. */
  readonly position: number
}

export type ParseOutcome =
  | { readonly kind: 'statements'; readonly statements: readonly Node[] }
  | { readonly kind: 'problem'; readonly problem: SyntaxProblem }

/** Parses any number of statements. Locations inside the tree are byte offsets: see `positionOf`. */
export function parseStatements(text: string): ParseOutcome {
  try {
    const statements = (parseSync(text).stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]))
    return { kind: 'statements', statements }
  } catch (error) {
    if (!hasSqlDetails(error) || error.sqlDetails === undefined) throw error
    const { message, cursorPosition } = error.sqlDetails
    return { kind: 'problem', problem: { message, position: Math.max(0, cursorPosition) } }
  }
}

export interface SplitStatement {
  /** Without the semicolon, and without space around it; comments above it are a part of it. */
  readonly text: string
  /** Where it begins, in UTF-16 units. */
  readonly position: number
}

/** Takes a text apart into its statements. */
export function splitStatements(
  text: string,
):
  | { readonly kind: 'statements'; readonly statements: readonly SplitStatement[] }
  | Extract<ParseOutcome, { readonly kind: 'problem' }> {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') return outcome
  const bytes = Buffer.from(text)
  const statements = (parseSync(text).stmts ?? []).map(
    ({ stmt_location: start = 0, stmt_len: length = 0 }) => {
      const raw = bytes.subarray(start, length === 0 ? bytes.length : start + length).toString()
      const blank = raw.length - raw.trimStart().length
      return { text: raw.trim(), position: positionOf(text, start) + blank }
    },
  )
  return { kind: 'statements', statements }
}

/** The text up to the end of its first statement, without the semicolon. The text must be one that can be parsed. */
export function firstStatementText(text: string): string {
  const [first] = parseSync(text).stmts ?? []
  const { stmt_location: start = 0, stmt_len: length = 0 } = first ?? {}
  // The parser gives no length to a statement that goes on to the end.
  return length === 0 ? text : text.slice(0, positionOf(text, start + length))
}

/** Parses SQL that this program or the server wrote: exactly one SELECT. */
export function parseSelect(text: string): SelectStmt {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') throw new Error(`cannot parse ${text}: ${outcome.problem.message}`)

  const [statement, ...more] = outcome.statements
  if (statement === undefined || more.length > 0 || !('SelectStmt' in statement)) {
    throw new Error(`not one SELECT: ${text}`)
  }
  return statement.SelectStmt
}

/** Parses one expression that this program wrote. */
export function parseExpression(text: string): Node {
  const target = parseSelect(`select ${text}`).targetList?.[0]
  if (target === undefined || !('ResTarget' in target) || target.ResTarget.val === undefined) {
    throw new Error(`not an expression: ${text}`)
  }
  return target.ResTarget.val
}

/** Turns a location of the tree, a byte offset in UTF-8, into an offset in UTF-16 units. */
export function positionOf(text: string, location: number): number {
  return Buffer.from(text).subarray(0, location).toString().length
}
