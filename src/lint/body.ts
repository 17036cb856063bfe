import { namesOf } from '../analyze/ast/nodes.ts'
import { walk } from '../analyze/ast/walk.ts'
import { parsePlaced, parsePlpgsql, type Node } from '../sql/parse.ts'
import { offsetsIn } from './offsets.ts'

/** The body of a function, procedure or DO block. */
export interface Body {
  /** `do` for a DO block. */
  readonly name: string
  readonly returnsTrigger: boolean
  /** The first and behind the last character of its text in the script. */
  readonly start: number
  readonly end: number
  readonly statements: readonly BodyStatement[]
}

export interface BodyStatement {
  readonly node: Node
  readonly start: number
  readonly end: number
  readonly at: (location: number | undefined) => number
  /** EXECUTE: as far as its text stands in the body; what is put into it is called `DYNAMIC`. */
  readonly isDynamic: boolean
}

/** Stands for a name that a body puts into a statement when it runs. */
export const DYNAMIC = 'millrace_dynamic'

/** What a statement that defines or is a block of code does; undefined for others, and for languages that we cannot read. */
export function bodyOf(node: Node, text: string, start: number, end: number): Body | undefined {
  const code = codeIn(node)
  if (code === undefined || !['plpgsql', 'sql'].includes(code.language)) return undefined
  const found = text.slice(start, end).indexOf(code.text)
  // A body in plain quotation marks with quotation marks in it stands there in another spelling: places are the statement's.
  const isVerbatim = found !== -1
  const from = isVerbatim ? start + found : start
  const place: Place = (offset) => (isVerbatim ? from + offset : start)
  const statements =
    code.language === 'sql'
      ? sqlStatements(code.text, place)
      : plpgsqlStatements(parsePlpgsql(text.slice(start, end)), code.text, place)
  return {
    name: code.name,
    returnsTrigger: code.returnsTrigger,
    start: from,
    end: isVerbatim ? from + code.text.length : from,
    statements,
  }
}

/** The offset in the script of an offset in the body. */
type Place = (offset: number) => number

interface Code {
  readonly name: string
  readonly language: string
  readonly text: string
  readonly returnsTrigger: boolean
}

function codeIn(node: Node): Code | undefined {
  if ('CreateFunctionStmt' in node) {
    const { funcname, options = [], returnType } = node.CreateFunctionStmt
    const text = optionText(options, 'as')
    if (text === undefined) return undefined
    return {
      name: namesOf(funcname).at(-1) ?? '',
      language: optionText(options, 'language')?.toLowerCase() ?? '',
      text,
      returnsTrigger: namesOf(returnType?.names).at(-1) === 'trigger',
    }
  }
  if ('DoStmt' in node) {
    const { args = [] } = node.DoStmt
    const text = optionText(args, 'as')
    const language = optionText(args, 'language')?.toLowerCase() ?? 'plpgsql'
    return text === undefined ? undefined : { name: 'do', language, text, returnsTrigger: false }
  }
  return undefined
}

function optionText(options: readonly Node[], name: string): string | undefined {
  for (const option of options) {
    if (!('DefElem' in option) || option.DefElem.defname !== name) continue
    const { arg } = option.DefElem
    if (arg === undefined) return undefined
    const value = 'List' in arg ? arg.List.items?.[0] : arg
    return value !== undefined && 'String' in value ? (value.String.sval ?? '') : undefined
  }
  return undefined
}

function sqlStatements(text: string, place: Place): readonly BodyStatement[] {
  return parsed(text, (offset) => place(offset), false)
}

function parsed(text: string, place: Place, isDynamic: boolean): readonly BodyStatement[] {
  const outcome = parsePlaced(text)
  if (outcome.kind === 'problem') return []
  const offset = offsetsIn(text)
  return outcome.statements.map(({ node, start, end }) => {
    const blanks = /^\s*/.exec(text.slice(offset(start)))?.[0].length ?? 0
    const first = offset(start) + blanks
    return {
      node,
      start: place(first),
      end: place(offset(end)),
      at: (location) => place(location === undefined ? first : offset(location)),
      isDynamic,
    }
  })
}

function plpgsqlStatements(tree: unknown, text: string, place: Place): readonly BodyStatement[] {
  const lines = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  let cursor = 0
  const found: BodyStatement[] = []
  walk(tree, ({ type, fields }) => {
    // The tree is in the order of the text, so a line that a part of a statement leaves out is that of the one before.
    const line = fields['lineno']
    if (typeof line === 'number') cursor = Math.max(cursor, lines[line - 1] ?? 0)
    if (type === 'PLpgSQL_expr') {
      const { query, parseMode } = fields
      if (typeof query === 'string')
        found.push(...parsedExpression(query, Number(parseMode), text, cursor, place))
    }
    if (type === 'PLpgSQL_stmt_dynexecute' || type === 'PLpgSQL_stmt_dynfors')
      found.push(...dynamicStatements(fields['query'], text, cursor, place))
  })
  return found
}

const IS_EXPRESSION = 2

/** Expressions are read as SELECTs of them, assignments as what they assign. */
function parsedExpression(
  query: string,
  mode: number,
  text: string,
  cursor: number,
  place: Place,
): readonly BodyStatement[] {
  const value = mode > IS_EXPRESSION ? query.replace(/^[^:=]*:?=/, '') : query
  const before = mode >= IS_EXPRESSION ? 'select ' : ''
  // PERFORM is in the tree as the SELECT that it becomes.
  const verbatim = value.replace(/^SELECT /, '')
  const start = text.indexOf(verbatim, cursor)
  if (start === -1) return parsed(before + value, () => place(cursor + firstWord(text, cursor)), false)
  const shift = before.length + value.length - verbatim.length
  return parsed(before + value, (offset) => place(Math.max(start, start + offset - shift)), false)
}

function firstWord(text: string, from: number): number {
  return /^\s*/.exec(text.slice(from))?.[0].length ?? 0
}

/** What EXECUTE runs, as far as it stands there: a constant, format() with a constant, or constants put together. */
function dynamicStatements(
  query: unknown,
  text: string,
  cursor: number,
  place: Place,
): readonly BodyStatement[] {
  const source = expressionText(query)
  if (source === undefined) return []
  const outcome = parsePlaced(`select ${source}`)
  if (outcome.kind === 'problem') return []
  const [only] = outcome.statements
  const written = only === undefined ? undefined : writtenText(targetOf(only.node))
  if (written === undefined) return []
  const at = Math.max(cursor, text.indexOf(source, cursor))
  return parsed(written, () => place(at), true)
}

function expressionText(query: unknown): string | undefined {
  let text: string | undefined
  walk(query, ({ type, fields }) => {
    if (type === 'PLpgSQL_expr' && typeof fields['query'] === 'string') text ??= fields['query']
  })
  return text
}

function targetOf(node: Node): Node | undefined {
  const [target] = 'SelectStmt' in node ? (node.SelectStmt.targetList ?? []) : []
  return target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
}

/** `format('drop table %I', name)` is `drop table millrace_dynamic`. */
function writtenText(value: Node | undefined): string | undefined {
  if (value === undefined) return undefined
  if ('A_Const' in value) return value.A_Const.sval?.sval
  if ('FuncCall' in value && namesOf(value.FuncCall.funcname).at(-1) === 'format') {
    return writtenText(value.FuncCall.args?.[0])
      ?.replaceAll('%%', '%')
      .replaceAll(/%(?:\d+\$)?L/g, `'${DYNAMIC}'`)
      .replaceAll(/%(?:\d+\$)?[Is]/g, DYNAMIC)
  }
  if ('A_Expr' in value && namesOf(value.A_Expr.name).at(-1) === '||') {
    const sides = [writtenText(value.A_Expr.lexpr), writtenText(value.A_Expr.rexpr)]
    return sides.every((it) => it === undefined) ? undefined : sides.map((it) => it ?? DYNAMIC).join('')
  }
  return undefined
}
