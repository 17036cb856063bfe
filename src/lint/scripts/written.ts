import { isType, listOf, nameOf, type Syntax } from './syntax.ts'

/** Text as it is at run time, and where each of its characters stands in the script. */
export interface Written {
  readonly text: string
  readonly offsets: readonly number[]
  /** Places at which something is put in that nobody knows before. */
  readonly unknown: readonly number[]
}

/** Constants of a script by their names, each with the expression that it is. */
export type Constants = ReadonlyMap<string, Syntax>

const NOTHING: Written = { text: '', offsets: [], unknown: [] }

/** What an expression says; undefined where that is not written in the script. */
export function writtenBy(node: unknown, source: string, constants: Constants): Written | undefined {
  if (isType(node, 'StringLiteral'))
    return decoded(source.slice(node.start + 1, node.end - 1), node.start + 1)
  if (isType(node, 'TemplateLiteral')) return templateText(node, source, constants)
  if (isType(node, 'TSAsExpression', 'TSSatisfiesExpression', 'ParenthesizedExpression'))
    return writtenBy(node['expression'], source, constants)
  if (isType(node, 'BinaryExpression') && node['operator'] === '+') {
    const [left, right] = [node['left'], node['right']].map((it) => writtenBy(it, source, constants))
    return left === undefined || right === undefined ? undefined : joined([left, right])
  }
  const constant = constants.get(nameOf(node) ?? '')
  if (!isType(node, 'Identifier') || constant === undefined) return undefined
  const known = writtenBy(constant, source, constants)
  return known === undefined ? undefined : { ...known, offsets: known.offsets.map(() => node.start) }
}

function templateText(node: Syntax, source: string, constants: Constants): Written {
  const expressions = listOf(node['expressions'])
  const parts = listOf(node['quasis']).map(({ start, end }) => decoded(source.slice(start, end), start))
  return parts.reduce((before, part, i) => {
    const expression = expressions[i - 1]
    if (expression === undefined) return joined([before, part])
    const known = fragment(expression, source, constants)
    return joined([before, known ?? placeholder(expression, source, before.text, part.text), part])
  }, NOTHING)
}

/** A constant, or a piece of SQL that is put in as it is: `sql.raw('…')`, `knex.raw('…')`. */
function fragment(node: Syntax, source: string, constants: Constants): Written | undefined {
  if (isType(node, 'CallExpression') && nameOf(node['callee']) === 'raw')
    return writtenBy(listOf(node['arguments'])[0], source, constants)
  return writtenBy(node, source, constants)
}

/** A name of ours for what nobody knows: within quotes as it is, as a part of a word if it is one, else as a quoted name. */
function placeholder(expression: Syntax, source: string, before: string, after: string): Written {
  const code = source.slice(expression.start, expression.end).replaceAll(/["'\s]+/g, ' ')
  const isQuoted = [`'`, '"'].some((quote) => before.split(quote).length % 2 === 0)
  const isPart = /\w$/.test(before) || /^\w/.test(after)
  const text = isQuoted ? `\${${code}}` : isPart ? code.replaceAll(/\W+/g, '_') : `"\${${code}}"`
  return { text, offsets: Array.from(text, () => expression.start), unknown: [expression.start] }
}

export function joined(parts: readonly Written[]): Written {
  return {
    text: parts.map((it) => it.text).join(''),
    offsets: parts.flatMap((it) => it.offsets),
    unknown: parts.flatMap((it) => it.unknown),
  }
}

/** Text that stands for something at one place of the script. */
export function placedAt(text: string, offset: number): Written {
  return { text, offsets: text.split('').map(() => offset), unknown: [] }
}

const ESCAPE = /\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[^]))/y
const NAMED: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  0: '\0',
}

/** What stands between the quotes, without its escapes. */
export function decoded(raw: string, from: number): Written {
  let text = ''
  const offsets: number[] = []
  for (let i = 0; i < raw.length;) {
    ESCAPE.lastIndex = i
    const found = ESCAPE.exec(raw)
    const meant = found === null ? (raw[i] ?? '') : unescaped(found)
    text += meant
    for (let n = 0; n < meant.length; n++) offsets.push(from + i)
    i += found?.[0].length ?? 1
  }
  return { text, offsets, unknown: [] }
}

function unescaped([, code, four, two, one = '']: RegExpExecArray): string {
  const number = code ?? four ?? two
  if (number !== undefined) return String.fromCodePoint(Number.parseInt(number, 16))
  // A backslash at the end of a line continues it.
  return /^[\r\n]/.test(one) ? '' : (NAMED[one] ?? one)
}
