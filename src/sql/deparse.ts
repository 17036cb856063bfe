import { deparseSync } from 'pgsql-deparser'
import { parseExpression, parseSelect, type Node, type SelectStmt } from './parse.ts'
import { ident, trusted, type Sql } from './sql.ts'

/**
 * Prints a tree as SQL, laid out for a reader. The text is parsed again and must give the same tree: the deparser was
 * once seen to drop a clause silently (`fetch first … with ties`).
 */
export function deparseSelect(select: SelectStmt): Sql {
  return printed(select, (it) => print(it, true), parseSelect)
}

/** Prints one expression, with the same check. */
export function deparseExpression(expression: Node): Sql {
  return printed(
    expression,
    (it) => print(selectOf({ targetList: [{ ResTarget: { val: it } }] })).replace(/^SELECT\s+/, ''),
    parseExpression,
  )
}

/** Prints an item of FROM, with the same check. */
export function deparseFromItem(item: Node | null): Sql {
  if (item === null) throw new Error('nothing to read from')
  return printed(
    item,
    (it) => print(selectOf({ fromClause: [it] })).replace(/^SELECT\s+FROM\s+/, ''),
    (text) => parseSelect(`select from ${text}`).fromClause?.[0],
  )
}

function selectOf(parts: Pick<SelectStmt, 'targetList' | 'fromClause'>): SelectStmt {
  return { ...parts, limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' }
}

function print(select: SelectStmt, pretty = false): string {
  return deparseSync({ SelectStmt: withQuotes(select) }, { pretty })
}

/** The deparser leaves out some parentheses that are needed; if it has, all operands get some. */
function printed<T>(tree: T, write: (tree: T) => string, parse: (text: string) => unknown): Sql {
  const shape = shapeOf(tree)
  const attempts = [() => write(tree), () => write(withParentheses(tree)).replaceAll(PARENTHESIS_CALL, '(')]
  for (const attempt of attempts) {
    const text = attempt()
    if (shapeAfter(text, parse) === shape) return trusted(text)
  }
  throw new Error(`the query changed its meaning when it was printed:\n${write(tree)}`)
}

function shapeAfter(text: string, parse: (text: string) => unknown): string | undefined {
  try {
    return shapeOf(parse(text))
  } catch {
    return undefined
  }
}

const PARENTHESIS = 'millrace_parenthesis'
const PARENTHESIS_CALL = /\bmillrace_parenthesis\s*\(/g
/** What needs none of its own. */
const ATOMS = [
  'ColumnRef',
  'A_Const',
  'FuncCall',
  'String',
  'List',
  'A_ArrayExpr',
  'ParamRef',
  'CaseExpr',
  'CoalesceExpr',
]

/** Each operand becomes the argument of a call, whose name is taken out of the text again. */
function withParentheses<T>(tree: T): T {
  if (Array.isArray(tree)) return tree.map((it: unknown) => withParentheses(it)) as T
  if (tree === null || typeof tree !== 'object') return tree
  const fields = Object.entries(tree).map(([key, value]: [string, unknown]) => {
    const inner = withParentheses(value)
    return [key, OPERANDS.has(key) && isOperand(value) ? parenthesised(inner) : inner] as const
  })
  return Object.fromEntries(fields) as T
}

const OPERANDS = new Set(['lexpr', 'rexpr', 'arg', 'testexpr'])

function isOperand(value: unknown): value is object {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const [type = ''] = Object.keys(value)
  return /^[A-Z]/.test(type) && !ATOMS.includes(type)
}

function parenthesised(node: unknown): unknown {
  return {
    FuncCall: {
      funcname: [{ String: { sval: PARENTHESIS } }],
      args: [node],
      funcformat: 'COERCE_EXPLICIT_CALL',
    },
  }
}

/** The deparser forgets the quotes of these names: of WITH, of windows, and of the aliases of joins. */
function withQuotes<T>(tree: T): T {
  if (Array.isArray(tree)) return tree.map((it: unknown) => withQuotes(it)) as T
  if (tree === null || typeof tree !== 'object') return tree
  const isWindow = 'frameOptions' in tree
  const isJoin = 'larg' in tree && 'jointype' in tree
  const fields = Object.entries(tree).map(([key, value]: [string, unknown]) => {
    if (key === 'ctename' || key === 'refname' || (isWindow && key === 'name'))
      return [key, quoted(value)] as const
    if (isJoin && (key === 'alias' || key === 'join_using_alias')) {
      const alias = value as { readonly aliasname?: string }
      return [key, { ...alias, aliasname: quoted(alias.aliasname) }] as const
    }
    return [key, withQuotes(value)] as const
  })
  return Object.fromEntries(fields) as T
}

function quoted(name: unknown): unknown {
  return typeof name === 'string' ? ident(name).text : name
}

/** A text that is equal for trees that differ only in locations. */
export function shapeOf(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => (isPlace(key) ? undefined : sorted(value)))
}

function isPlace(key: string): boolean {
  return key.endsWith('location') || key === 'stmt_len' || key === 'list_start' || key === 'list_end'
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
