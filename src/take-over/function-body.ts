import { namesOf } from '../analyze/ast/nodes.ts'
import { mapTree } from '../analyze/ast/walk.ts'
import { isRecord } from '../define/is-record.ts'
import { parseExpression, parsePlpgsql, parseStatements, type Node, type SelectStmt } from '../sql/parse.ts'
import { simplified } from './conditions.ts'

/** What fires a trigger. */
export type TriggerEvent = 'insert' | 'update' | 'delete'

/** One thing that a trigger function does, and when. */
export interface Deed {
  /** All of them hold where it is done; over `new` and `old`. */
  readonly guards: readonly Node[]
  readonly what:
    | { readonly kind: 'statement'; readonly statement: Node }
    /** A statement that is put together while the function runs. */
    | { readonly kind: 'dynamic'; readonly expression: Node }
    /** Anything that is not a statement of SQL, in words: it raises, it changes the row. */
    | { readonly kind: 'other'; readonly text: string }
}

/**
 * What a PL/pgSQL trigger function does for one event, in the order of its text: its parser's own tree, followed along its
 * branches. Local variables are replaced by what they were given. Undefined where the body cannot be parsed.
 */
export function deedsOf(definition: string, event: TriggerEvent): readonly Deed[] | undefined {
  const tree = parsePlpgsql(definition)
  const found = functionIn(tree)
  if (found === undefined) return undefined
  const datums = listOf(found['datums']).map(only)
  const state: State = { datums, values: initialValues(datums, event), guards: [], deeds: [] }
  runAll([found['action']], state)
  return state.deeds
}

type Tree = Readonly<Record<string, unknown>>
/** What a variable holds; null where that is not known. */
type Values = Map<string, Node | null>

interface State {
  readonly datums: readonly Tagged[]
  readonly values: Values
  readonly guards: readonly Node[]
  /** Shared by all branches. */
  readonly deeds: Deed[]
}

/** A node of the language's parser: `{ PLpgSQL_stmt_if: { … } }`. */
interface Tagged {
  readonly tag: string
  readonly fields: Tree
}

function functionIn(tree: unknown): Tree | undefined {
  const [first] = isRecord(tree) ? listOf(tree['plpgsql_funcs']) : []
  return first === undefined ? undefined : only(first).fields
}

function initialValues(datums: readonly Tagged[], event: TriggerEvent): Values {
  const values: Values = new Map()
  for (const { fields } of datums) {
    const name = textOf(fields['refname'])
    const given = expressionIn(fields['default_val'])
    if (name !== '' && given !== undefined) values.set(name, parsed(given, values))
  }
  values.set('tg_op', parseExpression(`'${event.toUpperCase()}'`))
  return values
}

/** Runs statements one after the other; true if none after them is reached. */
function runAll(statements: readonly unknown[], state: State): boolean {
  let current = state
  for (const statement of statements) {
    const outcome = run(only(statement), current)
    if (outcome === 'ends') return true
    if (outcome !== undefined) current = { ...current, guards: [...current.guards, ...outcome] }
  }
  return false
}

/** `ends`: it returns. A list: conditions under which what stands after it is reached. */
function run({ tag, fields }: Tagged, state: State): 'ends' | readonly Node[] | undefined {
  switch (tag) {
    case 'PLpgSQL_stmt_block':
      return runAll(listOf(fields['body']), state) ? 'ends' : undefined
    case 'PLpgSQL_stmt_if':
      return runBranches(branchesOfIf(fields, state), state)
    case 'PLpgSQL_stmt_case':
      return runBranches(branchesOfCase(fields, state), state)
    case 'PLpgSQL_stmt_return':
      return 'ends'
    case 'PLpgSQL_stmt_assign':
      assign(fields, state)
      return undefined
    case 'PLpgSQL_stmt_execsql':
      runSql(fields, state)
      return undefined
    case 'PLpgSQL_stmt_perform':
      note(state, statementOf(expressionIn(fields['expr']) ?? '', state.values))
      return undefined
    case 'PLpgSQL_stmt_dynexecute':
      note(state, dynamic(parsed(expressionIn(fields['query']) ?? 'null', state.values)))
      return undefined
    case 'PLpgSQL_stmt_raise':
      if (Number(fields['elog_level']) >= ERROR_LEVEL) note(state, other('raises an error'))
      return undefined
    case 'PLpgSQL_stmt_getdiag':
    case 'PLpgSQL_stmt_null':
      return undefined
    default:
      note(state, other(`has a ${tag.replace('PLpgSQL_stmt_', '')} statement`))
      return undefined
  }
}

/** `elog.h`: ERROR. */
const ERROR_LEVEL = 21

interface Branch {
  readonly condition: Node
  readonly body: readonly unknown[]
}

function branchesOfIf(
  fields: Tree,
  { values }: State,
): { branches: readonly Branch[]; rest: readonly unknown[] } {
  const elsifs = listOf(fields['elsif_list']).map((it) => only(it).fields)
  return {
    branches: [
      { condition: conditionOf(fields['cond'], values), body: listOf(fields['then_body']) },
      ...elsifs.map((it) => ({ condition: conditionOf(it['cond'], values), body: listOf(it['stmts']) })),
    ],
    rest: listOf(fields['else_body']),
  }
}

/** `CASE x WHEN …` compares a variable of its own, which holds x. */
function branchesOfCase(
  fields: Tree,
  { values, datums }: State,
): { branches: readonly Branch[]; rest: readonly unknown[] } {
  const tested = expressionIn(fields['t_expr'])
  const own = datums[Number(fields['t_varno'])]
  if (tested !== undefined && own !== undefined) {
    values.set(textOf(own.fields['refname']), parsed(tested, values))
  }
  const branches = listOf(fields['case_when_list']).map((it) => only(it).fields)
  return {
    branches: branches.map((it) => ({
      condition: conditionOf(it['expr'], values),
      body: listOf(it['stmts']),
    })),
    rest: listOf(fields['else_stmts']),
  }
}

function runBranches(
  { branches, rest }: { readonly branches: readonly Branch[]; readonly rest: readonly unknown[] },
  state: State,
): 'ends' | readonly Node[] | undefined {
  const passed: Node[] = []
  const after: Node[] = []
  const copies: Values[] = []
  const open: Values[] = []
  const enter = (condition: Node | undefined, body: readonly unknown[]) => {
    const guards = simplified([...state.guards, ...passed, ...(condition === undefined ? [] : [condition])])
    if (guards === 'never') return
    const values: Values = new Map(state.values)
    const hasEnded = runAll(body, { ...state, guards, values })
    copies.push(values)
    if (!hasEnded) open.push(values)
    else if (condition !== undefined) after.push(negated(condition))
  }
  for (const { condition, body } of branches) {
    enter(condition, body)
    passed.push(negated(condition))
  }
  enter(undefined, rest)
  forgetDifferences(state.values, copies)
  if (open.length === 0 && copies.length > 0) return 'ends'
  return after
}

/** What branches have left in a variable is known afterwards only if all of them left the same. */
function forgetDifferences(values: Values, copies: readonly Values[]): void {
  for (const name of new Set(copies.flatMap((it) => [...it.keys()]))) {
    const [first, ...others] = copies.map((it) => it.get(name))
    if (others.every((it) => it === first)) values.set(name, first ?? null)
    else values.set(name, null)
  }
}

function assign(fields: Tree, state: State): void {
  const text = expressionIn(fields['expr']) ?? ''
  const target = state.datums[Number(fields['varno'])]
  const name = textOf(target?.fields['refname'])
  if (target === undefined || target.tag !== 'PLpgSQL_var' || name === '') {
    note(state, other('changes the row that is written'))
    return
  }
  state.values.set(name, parsed(text.replace(/^[^:=]*:?=/, ''), state.values))
}

function runSql(fields: Tree, state: State): void {
  const what = statementOf(expressionIn(fields['sqlstmt']) ?? '', state.values)
  if (fields['into'] !== true) {
    note(state, what)
    return
  }
  const target = only(fields['target']).fields
  const names = listOf(target['fields']).map((it) => (isRecord(it) ? textOf(it['name']) : ''))
  const select =
    what.kind === 'statement' && 'SelectStmt' in what.statement ? what.statement.SelectStmt : undefined
  if (select === undefined) note(state, what)
  names.forEach((name, i) => state.values.set(name, select === undefined ? null : columnOf(select, i)))
  if (names.length === 0) state.values.set(textOf(target['refname']), null)
}

/** `select a, b into x, y`: the variable x holds `(select a …)`. */
function columnOf(select: SelectStmt, index: number): Node | null {
  const target = (select.targetList ?? [])[index]
  if (target === undefined) return null
  const one: SelectStmt = { ...select, targetList: [target] }
  return { SubLink: { subLinkType: 'EXPR_SUBLINK', subselect: { SelectStmt: one } } }
}

function note(state: State, what: Deed['what']): void {
  const guards = simplified(state.guards)
  if (guards !== 'never') state.deeds.push({ guards, what })
}

function other(text: string): Deed['what'] {
  return { kind: 'other', text }
}

function statementOf(text: string, values: Values): Deed['what'] {
  const outcome = parseStatements(text)
  const [statement, ...more] = outcome.kind === 'statements' ? outcome.statements : []
  if (statement === undefined || more.length > 0) return other('runs a statement that cannot be parsed')
  return { kind: 'statement', statement: withValues(statement, values) }
}

/** A text that is there as a whole is a statement like any other. */
function dynamic(expression: Node): Deed['what'] {
  const text = 'A_Const' in expression ? expression.A_Const.sval?.sval : undefined
  return text === undefined ? { kind: 'dynamic', expression } : statementOf(text, new Map())
}

function conditionOf(expression: unknown, values: Values): Node {
  return parsed(expressionIn(expression) ?? 'null', values)
}

function parsed(text: string, values: Values): Node {
  return withValues(parseExpression(text), values)
}

function withValues<T>(tree: T, values: Values): T {
  return mapTree(tree, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [name = '', ...more] = namesOf(node.ColumnRef.fields)
    return more.length > 0 ? undefined : (values.get(name) ?? undefined)
  })
}

function negated(condition: Node): Node {
  return { BoolExpr: { boolop: 'NOT_EXPR', args: [condition] } }
}

function expressionIn(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined
  const inner = value['PLpgSQL_expr']
  return isRecord(inner) ? textOf(inner['query']) : undefined
}

function only(value: unknown): Tagged {
  const [entry] = isRecord(value) ? Object.entries(value) : []
  const [tag = '', fields] = entry ?? []
  return { tag, fields: isRecord(fields) ? fields : {} }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
