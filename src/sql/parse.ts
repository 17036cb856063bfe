import { hasSqlDetails, loadModule, parsePlPgSQLSync, parseSync, scanSync } from 'libpg-query'
import type { Node, SelectStmt } from 'libpg-query'

export type {
  A_Const,
  A_Expr,
  ColumnRef,
  CreateFunctionStmt,
  FuncCall,
  IndexElem,
  IndexStmt,
  JoinExpr,
  Node,
  RangeFunction,
  RangeSubselect,
  RangeVar,
  SelectStmt,
  SortBy,
  SubLink,
  TypeName,
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
  const outcome = parsePlaced(text)
  if (outcome.kind === 'problem') return outcome
  return { kind: 'statements', statements: outcome.statements.map(({ node }) => node) }
}

/** A statement and where it stands, in bytes: from behind the semicolon before it to its own. */
export interface PlacedStatement {
  readonly node: Node
  readonly start: number
  readonly end: number
}

/** Like `parseStatements`, with the place of each. */
export function parsePlaced(
  text: string,
):
  | { readonly kind: 'statements'; readonly statements: readonly PlacedStatement[] }
  | { readonly kind: 'problem'; readonly problem: SyntaxProblem } {
  // The parser refuses a text without a character in its own way.
  if (text === '') return { kind: 'statements', statements: [] }
  try {
    const statements = (parseSync(text).stmts ?? []).flatMap(({ stmt, stmt_location: start = 0, stmt_len }) =>
      // The parser gives no length to a statement that goes on to the end.
      stmt === undefined
        ? []
        : [{ node: stmt, start, end: stmt_len ? start + stmt_len : Buffer.byteLength(text) }],
    )
    return { kind: 'statements', statements }
  } catch (error) {
    const problem = syntaxProblemOf(error)
    if (problem === undefined) throw error
    return { kind: 'problem', problem }
  }
}

function syntaxProblemOf(error: unknown): SyntaxProblem | undefined {
  if (!hasSqlDetails(error) || error.sqlDetails === undefined) return undefined
  const { message, cursorPosition } = error.sqlDetails
  return { message, position: Math.max(0, cursorPosition) }
}

/** A word, sign, literal or comment, with its place in bytes. */
export interface Token {
  readonly kind: 'comment' | 'name' | 'string' | 'semicolon' | 'other'
  readonly text: string
  readonly start: number
  readonly end: number
}

const TOKEN_KINDS: Readonly<Record<string, Token['kind']>> = {
  SQL_COMMENT: 'comment',
  C_COMMENT: 'comment',
  IDENT: 'name',
  SCONST: 'string',
  ASCII_59: 'semicolon',
}

/** The tokens of a text; undefined where not even they can be told apart, as behind a quotation mark without its end. */
export function scanTokens(text: string): readonly Token[] | undefined {
  try {
    return scanSync(text).tokens.map(({ start, end, text: word, tokenName }) => ({
      kind: TOKEN_KINDS[tokenName] ?? 'other',
      text: word,
      start,
      end,
    }))
  } catch {
    return undefined
  }
}

/** The body of a function or DO block in PL/pgSQL as the tree that PostgreSQL makes of it; undefined where it makes none. */
export function parsePlpgsql(statement: string): unknown {
  try {
    return parsePlPgSQLSync(statement)
  } catch {
    return undefined
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
