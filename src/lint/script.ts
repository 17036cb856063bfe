import { parsePlaced, scanTokens, type Node, type PlacedStatement, type Token } from '../sql/parse.ts'
import { bodyOf, type Body } from './body.ts'
import { offsetsIn } from './offsets.ts'

/** One statement of a script, or of the body of a function in it. All places are offsets into the script, in UTF-16 units. */
export interface Statement {
  readonly node: Node
  readonly start: number
  /** Behind its last character; the semicolon is not part of it. */
  readonly end: number
  /** Where a location of the tree is. */
  readonly at: (location: number | undefined) => number
  /** Between BEGIN and COMMIT of the script, or in a file that is run as one transaction. */
  readonly isInTransaction: boolean
  /** What EXECUTE runs, as far as it can be told. */
  readonly isDynamic: boolean
  /** The function or DO block that it stands in. */
  readonly within: Body | undefined
  /** Of a function or DO block: what it does. */
  readonly body: Body | undefined
}

export interface Script {
  readonly file: string
  readonly text: string
  /** In the order of the text; those of a body follow the statement that holds them. */
  readonly statements: readonly Statement[]
  readonly comments: readonly { readonly text: string; readonly start: number; readonly end: number }[]
  readonly problems: readonly { readonly message: string; readonly at: number }[]
}

export interface ScriptOptions {
  readonly file?: string | undefined
  /** Whoever runs it puts it into a transaction. */
  readonly inTransaction?: boolean | undefined
}

/** Reads a script as far as it can be read: a statement that cannot be parsed is a problem, the others are statements. */
export function readScript(text: string, { file = '', inTransaction = false }: ScriptOptions = {}): Script {
  const parts = partsOf(text)
  const statements: Statement[] = []
  let isInTransaction = inTransaction
  for (const { node, start, end, at } of parts.flatMap(({ found }) => found)) {
    isInTransaction = afterStatement(node, isInTransaction, inTransaction)
    const body = bodyOf(node, text, start, end)
    statements.push({ node, start, end, at, isInTransaction, isDynamic: false, within: undefined, body })
    for (const inner of body?.statements ?? [])
      statements.push({ ...inner, isInTransaction, within: body, body: undefined })
  }
  return {
    file,
    text,
    statements,
    comments: [...commentsIn(text, 0), ...statements.flatMap(({ body }) => bodyComments(body, text))],
    problems: parts.flatMap(({ problems }) => problems),
  }
}

const BEGINS: readonly unknown[] = ['TRANS_STMT_BEGIN', 'TRANS_STMT_START']
const ENDS: readonly unknown[] = ['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE']

function afterStatement(node: Node, before: boolean, always: boolean): boolean {
  if (!('TransactionStmt' in node)) return before
  const { kind } = node.TransactionStmt
  if (BEGINS.includes(kind)) return true
  return ENDS.includes(kind) ? always : before
}

type Placed = Pick<Statement, 'node' | 'start' | 'end' | 'at'>

interface Part {
  readonly found: readonly Placed[]
  readonly problems: Script['problems']
}

/** The whole text if it can be parsed, else its pieces between semicolons. */
function partsOf(text: string): readonly Part[] {
  const whole = partOf(text, 0)
  if (whole.problems.length === 0) return [whole]
  // Lines for psql are not SQL. Blanks in their place keep all offsets.
  const plain = text.replaceAll(/^\\[^\n]*/gm, (line) => ' '.repeat(line.length))
  const ends = (scanTokens(plain) ?? []).filter(({ kind }) => kind === 'semicolon')
  if (ends.length === 0) return [partOf(plain, 0)]

  const offset = offsetsIn(plain)
  const cuts = [...ends.map(({ end }) => offset(end)), plain.length]
  const parts: Part[] = []
  let start = 0
  cuts.forEach((cut, i) => {
    const part = partOf(plain.slice(start, cut), start)
    // A semicolon within BEGIN ATOMIC … END or a rule is not the statement's end.
    const isOpen = part.problems.some(({ message }) => message.endsWith('at end of input'))
    if (isOpen && i < cuts.length - 1) return
    parts.push(part)
    start = cut
  })
  return parts
}

function partOf(text: string, from: number): Part {
  const outcome = parsePlaced(text)
  if (outcome.kind === 'problem') {
    const { message, position } = outcome.problem
    return { found: [], problems: [{ message, at: from + Math.min(position, text.length) }] }
  }
  const tokens = scanTokens(text) ?? []
  const offset = offsetsIn(text)
  const found = outcome.statements.map((it) => placed(it, tokens, from, offset))
  return { found, problems: [] }
}

/** What stands before a statement's first word is the parser's, but not the statement's. */
function placed(
  { node, start, end }: PlacedStatement,
  tokens: readonly Token[],
  from: number,
  offset: (byte: number) => number,
): Placed {
  const words = tokens.filter((it) => it.kind !== 'comment' && it.start >= start && it.end <= end)
  const first = words[0]?.start ?? start
  return {
    node,
    start: from + offset(first),
    end: from + offset(words.at(-1)?.end ?? end),
    at: (location) => from + offset(location ?? first),
  }
}

function bodyComments(body: Body | undefined, text: string): Script['comments'] {
  return body === undefined ? [] : commentsIn(text.slice(body.start, body.end), body.start)
}

function commentsIn(text: string, from: number): Script['comments'] {
  const offset = offsetsIn(text)
  return (scanTokens(text) ?? [])
    .filter(({ kind }) => kind === 'comment')
    .map((it) => ({ text: it.text, start: from + offset(it.start), end: from + offset(it.end) }))
}
