import { namesOf } from '../../analyze/ast/nodes.ts'
import type { IndexElem, Node } from '../../sql/parse.ts'
import { findTable, typeOf, type ColumnType } from '../known.ts'
import { nameOf } from '../relations.ts'
import type { Found, Rule } from '../rule.ts'
import { wordsOf } from '../words.ts'

/** A btree over values of any length: an entry holds 2,704 bytes, and a row with a longer value cannot be written. */
export const btreeOnUnboundedValue: Rule = {
  name: 'btree-on-unbounded-value',
  level: 'error',

  check: ({ node, start }, { known }) => {
    if (!('IndexStmt' in node)) return []
    const { accessMethod = 'btree', indexParams = [], indexIncludingParams = [], relation } = node.IndexStmt
    if (accessMethod !== 'btree') return []
    const columns = findTable(known, nameOf(relation))?.columns ?? new Map<string, ColumnType>()
    const elements = [
      ...indexParams.map((it) => ({ it, isIncluded: false })),
      ...indexIncludingParams.map((it) => ({ it, isIncluded: true })),
    ]
    return elements.flatMap(({ it, isIncluded }): readonly Found[] => {
      const what = 'IndexElem' in it ? unbounded(it.IndexElem, columns, isIncluded) : undefined
      if (what === undefined) return []
      return [
        {
          at: start,
          message: `${what} may be longer than the 2,704 bytes that an entry of a btree holds: then the row cannot be written`,
          help: isIncluded
            ? 'Include short columns only: the row itself is one look further away.'
            : 'Use gin for documents and full text, hash for equality, or index a short part: left(…, 200), md5(…).',
        },
      ]
    })
  },
}

function unbounded(
  { name, expr }: IndexElem,
  columns: ReadonlyMap<string, ColumnType>,
  isIncluded: boolean,
): string | undefined {
  if (name !== undefined) return unboundedColumn(name, columns.get(name), isIncluded)
  return expr === undefined ? undefined : unboundedExpression(expr, columns)
}

const DOCUMENTS = new Set(['json', 'jsonb', 'xml', 'bytea', 'tsvector', 'hstore'])
const TEXTS = new Set(['text', 'varchar', 'bpchar', 'citext'])
/** Far below the limit even if every character takes four bytes. */
const SHORT = 600

function unboundedColumn(
  name: string,
  type: ColumnType | undefined,
  isIncluded: boolean,
): string | undefined {
  if (type === undefined) return isProse(name) ? `"${name}"` : undefined
  if (type.isArray) return `"${name}", an array,`
  if (DOCUMENTS.has(type.name)) return `"${name}", of type ${type.name},`
  if (!TEXTS.has(type.name) || (type.length !== null && type.length <= SHORT)) return undefined
  // Nearly every key is text somewhere: a name that says prose, or a place where no search needs it, is what is dangerous.
  return isProse(name) || (isIncluded && !isShortByName(name)) ? `"${name}", text of any length,` : undefined
}

function unboundedExpression(expr: Node, columns: ReadonlyMap<string, ColumnType>): string | undefined {
  if ('ColumnRef' in expr) {
    const name = namesOf(expr.ColumnRef.fields).at(-1) ?? ''
    return unboundedColumn(name, columns.get(name), false)
  }
  if ('A_Expr' in expr && ['->', '#>'].includes(namesOf(expr.A_Expr.name).at(-1) ?? ''))
    return 'a part of a document'
  if ('FuncCall' in expr && WHOLE.has(namesOf(expr.FuncCall.funcname).at(-1) ?? '')) {
    const [first] = expr.FuncCall.args ?? []
    return first === undefined ? undefined : unboundedExpression(first, columns)
  }
  if ('TypeCast' in expr && expr.TypeCast.arg !== undefined && TEXTS.has(typeOf(expr.TypeCast.typeName).name))
    return unboundedExpression(expr.TypeCast.arg, columns)
  return undefined
}

/** What these give is as long as what they are given. */
const WHOLE = new Set([
  'lower',
  'upper',
  'trim',
  'btrim',
  'ltrim',
  'rtrim',
  'initcap',
  'coalesce',
  'unaccent',
  'reverse',
])

const PROSE = new Set([
  'about', 'article', 'bio', 'body', 'comment', 'content', 'contents', 'description', 'excerpt', 'feedback', 'html',
  'instructions', 'markdown', 'message', 'notes', 'payload', 'prose', 'remarks', 'summary', 'text', 'transcript',
]) // prettier-ignore

function isProse(name: string): boolean {
  const words = wordsOf(name)
  return PROSE.has(words.at(-1) ?? '')
}

const SHORT_NAMES = new Set([
  'code', 'color', 'country', 'currency', 'email', 'handle', 'hash', 'id', 'key', 'kind', 'lang', 'language', 'level', 'locale',
  'name', 'phone', 'priority', 'role', 'slug', 'state', 'status', 'tag', 'token', 'type', 'username', 'uuid', 'zip',
]) // prettier-ignore

function isShortByName(name: string): boolean {
  return SHORT_NAMES.has(wordsOf(name).at(-1) ?? '')
}
