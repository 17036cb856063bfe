import { namesOf } from '../../analyze/ast/nodes.ts'
import { someNode, walk } from '../../analyze/ast/walk.ts'
import type { Node } from '../../sql/parse.ts'
import { ident } from '../../sql/sql.ts'
import { DYNAMIC } from '../body.ts'
import { findTable } from '../known.ts'
import { moneyIn } from '../money.ts'
import { dottedName, nameOf, shown, type Named } from '../relations.ts'
import type { Edit, Found, Rule, Scene } from '../rule.ts'
import type { Statement } from '../script.ts'

/** Retention that reaches rows of money: old partitions dropped, old rows deleted. */
export const dropMoney: Rule = {
  name: 'drop-money',
  level: 'error',

  check: (statement, scene) => [
    ...dropped(statement, scene),
    ...deleted(statement, scene),
    ...handedOver(statement, scene),
  ],
}

const HELP =
  'Detach a partition, which keeps its rows, and archive it; move old rows in one statement: with moved as (delete … returning *) insert into … .'

function found(at: number, doing: string, why: string, fix?: readonly Edit[]): Found {
  return { at, message: `${doing}, and it holds money (${why})`, help: HELP, fix }
}

function dropped({ node, start, end }: Statement, { keep, known, script }: Scene): readonly Found[] {
  const isDrop = 'DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE'
  if (!isDrop && !('TruncateStmt' in node)) return []
  const relations = isDrop
    ? (node.DropStmt.objects ?? []).map(dottedName)
    : 'TruncateStmt' in node
      ? (node.TruncateStmt.relations ?? []).map((it) => nameOf('RangeVar' in it ? it.RangeVar : undefined))
      : []
  return relations.flatMap((table) => {
    const own = findTable(known, table)
    const parent = own?.partitionOf ?? undefined
    // What a script makes and drops again holds nothing of anybody's.
    if (own?.madeIn === script.file && parent === undefined) return []
    const why = moneyIn(table, keep, known) ?? (parent && moneyIn(parent, keep, known))
    if (why === undefined) return []
    const doing = isDrop ? `this drops ${shown(table)}` : `this empties ${shown(table)}`
    const canDetach = isDrop && relations.length === 1 && parent !== undefined && own?.madeIn !== script.file
    return [found(start, doing, why, canDetach ? [{ start, end, text: detached(parent, table) }] : undefined)]
  })
}

function detached(parent: Named, table: Named): string {
  const quoted = ({ schema, name }: Named) => (schema === undefined ? ident(name) : ident(schema, name)).text
  return `alter table ${quoted(parent)} detach partition ${quoted(table)}`
}

/** Of DELETE only that by age, or of all rows: what deletes the rows of one key is no retention. */
function deleted({ node, at }: Statement, { keep, known }: Scene): readonly Found[] {
  const places: Found[] = []
  const moves = movesRows(node)
  walk(node, ({ node: inner }) => {
    if (!('DeleteStmt' in inner)) return
    const { relation, whereClause, returningClause } = inner.DeleteStmt
    const table = nameOf(relation)
    const why = moneyIn(table, keep, known)
    if (why === undefined || (whereClause !== undefined && !isByAge(whereClause))) return
    if (moves && returningClause !== undefined) return
    const what = whereClause === undefined ? 'all rows' : 'rows by their age'
    places.push(found(at(relation?.location), `this deletes ${what} from ${shown(table)}`, why))
  })
  return places
}

/** WITH moved AS (DELETE … RETURNING …) INSERT … SELECT … FROM moved: nothing is lost in between. */
function movesRows(node: Node): boolean {
  return 'InsertStmt' in node && node.InsertStmt.withClause !== undefined
}

const AGES = new Set([
  'now',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'age',
  'date_trunc',
  'make_interval',
])

function isByAge(condition: Node): boolean {
  return someNode(condition, ({ node }) => {
    if ('SQLValueFunction' in node) return true
    if ('FuncCall' in node) return AGES.has(namesOf(node.FuncCall.funcname).at(-1) ?? '')
    if ('TypeCast' in node) return namesOf(node.TypeCast.typeName?.names).at(-1) === 'interval'
    return 'A_Expr' in node && EARLIER.has(namesOf(node.A_Expr.name).at(-1) ?? '') && hasMoment(node)
  })
}

const EARLIER = new Set(['<', '<='])

function hasMoment(comparison: Node): boolean {
  return someNode(
    comparison,
    ({ node }) => 'A_Const' in node && /^\d{4}-\d\d-\d\d/.test(node.A_Const.sval?.sval ?? ''),
  )
}

/** A body that names a table of money, and drops or deletes what it is told to, or hands it to one that does. */
function handedOver(
  { node, start, at, body, within }: Statement,
  { keep, later, script }: Scene,
): readonly Found[] {
  const droppers = dropperNames(script.statements)
  const strings: { readonly text: string; readonly at: number }[] = []
  const collect = (root: Node, place: Statement['at']) => {
    walk(root, ({ node: inner }) => {
      if ('A_Const' in inner && inner.A_Const.sval?.sval !== undefined)
        strings.push({ text: inner.A_Const.sval.sval, at: place(inner.A_Const.location) })
    })
  }
  if (body !== undefined) {
    const isDropper = body.statements.some((it) => dropsDynamically(it) || calls(it.node, droppers))
    if (!isDropper) return []
    for (const it of body.statements) collect(it.node, it.at)
  } else if (within === undefined && calls(node, droppers)) collect(node, at)
  return strings
    .filter(({ text }) => /^[a-z_][\w.]*$/i.test(text))
    .flatMap(({ text, at: place }) => {
      const [name = '', schema] = text.split('.').reverse()
      const why = moneyIn({ schema, name }, keep, later)
      const doing = `${body?.name === undefined ? 'this' : `${body.name}()`} hands ${text} to what drops or deletes`
      return why === undefined ? [] : [found(Math.max(start, place), doing, why)]
    })
}

function dropperNames(statements: readonly Statement[]): ReadonlySet<string> {
  const bodies = statements.flatMap(({ body }) => (body === undefined ? [] : [body]))
  return new Set(bodies.filter((it) => it.statements.some(dropsDynamically)).map(({ name }) => name))
}

function dropsDynamically({
  node,
  isDynamic,
}: {
  readonly node: Node
  readonly isDynamic: boolean
}): boolean {
  if (!isDynamic) return false
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE') {
    return (node.DropStmt.objects ?? []).some((it) => dottedName(it).name.includes(DYNAMIC))
  }
  return 'DeleteStmt' in node && nameOf(node.DeleteStmt.relation).name.includes(DYNAMIC)
}

function calls(node: Node, functions: ReadonlySet<string>): boolean {
  return someNode(
    node,
    ({ node: inner }) => 'FuncCall' in inner && functions.has(namesOf(inner.FuncCall.funcname).at(-1) ?? ''),
  )
}
