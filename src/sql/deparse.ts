import { deparseSync } from 'pgsql-deparser'
import { parseExpression, parseSelect, type Node, type SelectStmt } from './parse.ts'
import { ident, trusted, type Sql } from './sql.ts'

/**
 * Prints a tree as SQL, laid out for a reader. The text is parsed again and must give the same tree: the deparser was
 * once seen to drop a clause silently (`fetch first … with ties`).
 */
export function deparseSelect(select: SelectStmt): Sql {
  const text = deparseSync({ SelectStmt: withQuotes(select) }, { pretty: true })
  if (shapeOf(parseSelect(text)) !== shapeOf(select)) {
    throw new Error(`the query changed its meaning when it was printed:\n${text}`)
  }
  return trusted(text)
}

/** Prints one expression, with the same check. */
export function deparseExpression(expression: Node): Sql {
  const select = {
    targetList: [{ ResTarget: { val: expression } }],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  }
  const text = deparseSync({ SelectStmt: withQuotes(select) } as Node, { pretty: false }).replace(
    /^SELECT\s+/,
    '',
  )
  if (shapeOf(parseExpression(text)) !== shapeOf(expression)) {
    throw new Error(`the expression changed its meaning when it was printed: ${text}`)
  }
  return trusted(text)
}

/** Prints an item of FROM, with the same check. */
export function deparseFromItem(item: Node | null): Sql {
  if (item === null) throw new Error('nothing to read from')
  const select = { fromClause: [item], limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' }
  const text = deparseSync({ SelectStmt: withQuotes(select) } as Node, { pretty: false }).replace(
    /^SELECT\s+FROM\s+/,
    '',
  )
  const [printed] = parseSelect(`select from ${text}`).fromClause ?? []
  if (shapeOf(printed) !== shapeOf(item)) {
    throw new Error(`the table changed its meaning when it was printed: ${text}`)
  }
  return trusted(text)
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
