import { parseStatements } from '../../sql/parse.ts'
import { isType, listOf, nameOf, parseScript, walk, type Syntax } from './syntax.ts'
import { joined, placedAt, writtenBy, type Constants, type Written } from './written.ts'

/** The SQL that a migration's script runs, as one text. */
export interface ScriptSql {
  readonly text: string
  /** Where each character of it stands in the script. */
  readonly offsets: readonly number[]
  /** The tool puts it into a transaction, unless the script says otherwise. */
  readonly inTransaction: boolean
  /** It has `up`, as the migrations of Knex, Kysely and node-pg-migrate do. */
  readonly isMigration: boolean
  readonly unread: readonly Unread[]
}

/** A place of a script that is not looked at, and why. */
export interface Unread {
  readonly at: number
  readonly because: string
}

/**
 * Finds what a script runs by `knex.raw`, `schema.raw`, `pgm.sql` and `` sql`…`.execute ``. What is put into a text and is no
 * constant stands there by a name of ours; a text that is not written in the script is told as unread. Needs the parser.
 */
export async function sqlInScript(source: string, file: string): Promise<ScriptSql> {
  const tree = await parseScript(source, file)
  if (tree.kind === 'problem') {
    const unread = [{ at: tree.at, because: tree.message }]
    return { text: '', offsets: [], inTransaction: true, isMigration: true, unread }
  }
  const constants = constantsIn(tree.root)
  const pieces: { readonly start: number; readonly written: Written }[] = []
  const unread: Unread[] = []
  walk(tree.root, (node, above) => {
    const sql = sqlOf(node)
    if (sql === undefined || above.some((it) => isType(it, 'TemplateLiteral'))) return true
    const written = writtenBy(sql.text, source, constants)
    const isRun = sql.isTag ? isExecuted(above) : isStatement(above)
    if (written === undefined) {
      // A fragment of a builder's call is none of ours.
      if (isRun) unread.push({ at: node.start, because: 'its SQL is not written in the script' })
    } else if (isRun || canBeParsed(written.text)) {
      const given = listOf(node['arguments']).length > 1
      pieces.push({ start: written.offsets[0] ?? node.start, written: withBindings(written, node, given) })
      unread.push(...written.unknown.map((at) => ({ at, because: 'nobody knows what is put in here' })))
    }
    return true
  })
  const directives = tree.comments
    .filter(({ value }) => /^\s*millrace-lint-ignore/.test(value))
    .map(({ value, start }) => ({
      start,
      written: placedAt(`-- ${value.trim().replaceAll(/\s+/g, ' ')}\n`, start),
    }))
  const all = [...directives, ...pieces.map((it) => ({ ...it, written: ended(it.written) }))]
  const { text, offsets } = joined(all.sort((a, b) => a.start - b.start).map(({ written }) => written))
  const [isMigration, inTransaction] = [hasUp(tree.root), !isOutside(tree.root)]
  return { text, offsets, inTransaction, isMigration, unread: unread.sort((a, b) => a.at - b.at) }
}

/** The expression that says what SQL a node stands for. */
function sqlOf(node: Syntax): { readonly text: unknown; readonly isTag: boolean } | undefined {
  if (isType(node, 'TaggedTemplateExpression') && nameOf(node['tag']) === 'sql')
    return { text: node['quasi'], isTag: true }
  if (!isType(node, 'CallExpression', 'OptionalCallExpression')) return undefined
  const callee = node['callee']
  if (!isType(callee, 'MemberExpression', 'OptionalMemberExpression')) return undefined
  const [text] = listOf(node['arguments'])
  const [method, object] = [nameOf(callee), nameOf(callee['object'])]
  if (text === undefined) return undefined
  if (method === 'raw') return { text, isTag: object === 'sql' }
  return method === 'sql' && object === 'pgm' ? { text, isTag: false } : undefined
}

/** A piece of SQL in Kysely is run by its own method. */
function isExecuted([member, call]: readonly Syntax[]): boolean {
  return nameOf(member) === 'execute' && isType(call, 'CallExpression') && call['callee'] === member
}

/** It is run as it is, and is no part of what somebody else builds: nothing but calls on it, and waiting for it, stands around it. */
function isStatement(above: readonly Syntax[]): boolean {
  const [parent, ...rest] = above
  if (parent === undefined) return false
  if (
    isType(
      parent,
      'AwaitExpression',
      'MemberExpression',
      'OptionalMemberExpression',
      'ParenthesizedExpression',
    )
  )
    return isStatement(rest)
  if (isType(parent, 'CallExpression', 'OptionalCallExpression'))
    return nameOf(parent['callee']) === 'all' || (isCallOnIt(parent) && isStatement(rest))
  if (isType(parent, 'ArrayExpression')) return isStatement(rest)
  return isType(
    parent,
    'ExpressionStatement',
    'ReturnStatement',
    'VariableDeclarator',
    'ArrowFunctionExpression',
    'AssignmentExpression',
    'SequenceExpression',
  )
}

/** `knex.raw(…).then(…)`: what was looked at is before the dot. */
function isCallOnIt(call: Syntax): boolean {
  return ['then', 'catch', 'raw', 'finally', 'execute'].includes(nameOf(call['callee']) ?? '')
}

function canBeParsed(text: string): boolean {
  return text.trim() !== '' && parseStatements(text).kind === 'statements'
}

/** What the tools put in by themselves: `?`, `??` and `:name` of Knex, `{name}` of node-pg-migrate. */
function withBindings(written: Written, node: Syntax, areGiven: boolean): Written {
  if (isType(node, 'TaggedTemplateExpression')) return written
  const isPgm = nameOf(node['callee']) === 'sql'
  if (isPgm) return areGiven ? replaced(written, /\{\w+\}/g, (it) => `"${it}"`) : written
  const pattern = areGiven ? /\\\?|\?\??/g : /\\\?/g
  return replaced(written, pattern, (it) => ({ '\\?': '?', '??': '"??"' })[it] ?? 'null')
}

function replaced(written: Written, pattern: RegExp, by: (found: string) => string): Written {
  const parts: Written[] = []
  let from = 0
  for (const found of written.text.matchAll(pattern)) {
    parts.push(part(written, from, found.index), placedAt(by(found[0]), written.offsets[found.index] ?? 0))
    from = found.index + found[0].length
  }
  return { ...joined([...parts, part(written, from, written.text.length)]), unknown: written.unknown }
}

function part({ text, offsets }: Written, start: number, end: number): Written {
  return { text: text.slice(start, end), offsets: offsets.slice(start, end), unknown: [] }
}

/** On a line of its own, where a comment at the end would hide the semicolon. */
function ended(written: Written): Written {
  const last = written.offsets.at(-1) ?? 0
  return joined([written, placedAt(/;\s*$/.test(written.text) ? '\n' : '\n;\n', last)])
}

function constantsIn(root: Syntax): Constants {
  const found = new Map<string, Syntax>()
  const twice = new Set<string>()
  walk(root, (node) => {
    if (!isType(node, 'VariableDeclaration')) return true
    for (const { id, init } of listOf(node['declarations'])) {
      const name = isType(id, 'Identifier') ? nameOf(id) : undefined
      if (name === undefined) continue
      if (found.has(name)) twice.add(name)
      if (node['kind'] === 'const' && isType(init, 'StringLiteral', 'TemplateLiteral', 'BinaryExpression'))
        found.set(name, init)
      else twice.add(name)
    }
    return true
  })
  // One name for two things: which is meant is not looked for.
  for (const name of twice) found.delete(name)
  return found
}

function hasUp(root: Syntax): boolean {
  let found = false
  walk(root, (node) => {
    const isNamed =
      (isType(node, 'FunctionDeclaration', 'VariableDeclarator') && nameOf(node['id']) === 'up') ||
      (isType(node, 'AssignmentExpression') && nameOf(node['left']) === 'up') ||
      (isType(node, 'ObjectProperty', 'ObjectMethod', 'ClassMethod') && nameOf(node['key']) === 'up')
    found ||= isNamed
    return !found
  })
  return found
}

/** `exports.config = { transaction: false }` of Knex, `pgm.noTransaction()` of node-pg-migrate. */
function isOutside(root: Syntax): boolean {
  let found = false
  walk(root, (node) => {
    const isKnex =
      isType(node, 'ObjectProperty') &&
      nameOf(node['key']) === 'transaction' &&
      isType(node['value'], 'BooleanLiteral') &&
      node['value']['value'] === false
    found ||= isKnex || (isType(node, 'CallExpression') && nameOf(node['callee']) === 'noTransaction')
    return !found
  })
  return found
}
