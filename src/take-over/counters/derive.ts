import { asEquality, columnRef, namesOf } from '../../analyze/ast/nodes.ts'
import { mapTree } from '../../analyze/ast/walk.ts'
import { deparseExpression, shapeOf } from '../../sql/deparse.ts'
import type { Node, SelectStmt } from '../../sql/parse.ts'
import { relationNamed, type Found, type FoundRelation } from '../catalog.ts'
import { isClock, ONE, refersToRow, type Contribution } from './contribution.ts'
import { countedRows } from './membership.ts'
import { aliasOf, plainName, tableText } from './names.ts'

/** What a column of a table that triggers write comes to, as an expression over the row that it belongs to. */
export type Derived =
  | { readonly kind: 'expression'; readonly sql: string }
  /** When the row was last written: nothing tells afterwards. */
  | { readonly kind: 'stamp' }
  | { readonly kind: 'unclear'; readonly because: string }

/** The row that values belong to: of the table itself, or of the one that its key refers to. */
export interface Root {
  readonly table: FoundRelation
  readonly alias: string
  /** For each key column of the table with the counters, the root's. */
  readonly columns: ReadonlyMap<string, string>
}

/** Derives a column from everything that triggers do to it. */
export function deriveColumn(found: Found, contributions: readonly Contribution[], root: Root): Derived {
  const unclear = contributions.flatMap(({ effect }) => (effect.kind === 'unclear' ? [effect.text] : []))[0]
  if (unclear !== undefined) return { kind: 'unclear', because: unclear }
  const values = contributions.filter(({ effect }) => effect.kind === 'value')
  if (values.length > 0) return deriveValue(found, values, contributions, root)
  const parts = piecesOf(contributions).map((piece) => countOf(found, piece, root))
  if (parts.length === 0 || parts.includes(undefined)) {
    return { kind: 'unclear', because: 'it cannot be told from its triggers which rows it counts' }
  }
  const terms = parts.flatMap((it) => it ?? [])
  const sum = terms
    .map((it, i) => (it.sign === -1 ? `- ${it.sql}` : i === 0 ? it.sql : `+ ${it.sql}`))
    .join(' ')
  return { kind: 'expression', sql: terms.length === 1 && terms[0]?.sign === 1 ? sum : `(${sum})` }
}

/** A subquery that the triggers compute anew, or a moment. */
function deriveValue(
  found: Found,
  values: readonly Contribution[],
  all: readonly Contribution[],
  root: Root,
): Derived {
  const nodes = values.flatMap(({ effect, key }) =>
    effect.kind === 'value' ? [{ value: effect.value, key }] : [],
  )
  if (nodes.every(({ value }) => isClock(value))) return { kind: 'stamp' }
  if (values.length < all.length) return { kind: 'unclear', because: 'it is both counted and computed' }
  const derived = nodes.map(({ value, key }) => overRoot(value, key, root))
  if (derived.some((it) => refersToRow(it))) {
    return { kind: 'unclear', because: 'it keeps what the last written row had' }
  }
  const texts = [...new Set(derived.map((it) => shapeOf(it)))]
  const [first] = derived
  if (first === undefined || texts.length > 1)
    return { kind: 'unclear', because: 'its triggers compute it in several ways' }
  return { kind: 'expression', sql: deparseExpression(qualifiedTables(found, first)).text }
}

/** `new.post_id`, by which the row is found, is the row's own key. */
function overRoot(value: Node, key: Contribution['key'], root: Root): Node {
  const own = [...key].map(([column, node]) => ({ shape: shapeOf(node), column }))
  return mapTree(value, ({ node }) => {
    const column = own.find(({ shape }) => shape === shapeOf(node))?.column
    const name = column === undefined ? undefined : root.columns.get(column)
    return name === undefined ? undefined : columnRef(root.alias, name)
  })
}

/** Tables that only some search paths find are named with their schema. */
function qualifiedTables(found: Found, tree: Node): Node {
  return mapTree(tree, ({ node }) => {
    if (!('RangeVar' in node) || node.RangeVar.schemaname !== undefined) return undefined
    const relation = relationNamed(found, { schema: undefined, name: node.RangeVar.relname ?? '' })
    if (relation === undefined || relation.visible) return undefined
    return { RangeVar: { ...node.RangeVar, schemaname: relation.schema } }
  })
}

interface Piece {
  readonly added: Contribution | undefined
  readonly changes: readonly Contribution[]
}

/** What is added when a row comes, with the updates that concern the same count. */
function piecesOf(contributions: readonly Contribution[]): readonly Piece[] {
  const groups = new Map<string, Contribution[]>()
  for (const it of contributions.filter(({ event }) => event !== 'delete')) {
    const key = [...it.key.values()].filter((node) => !refersToRow(node, ['old']))
    // A row that moves is taken from its old place: that says nothing of which rows count.
    if (key.length < it.key.size) continue
    const id = JSON.stringify([it.source, key.map(shapeOf)])
    groups.set(id, [...(groups.get(id) ?? []), it])
  }
  return [...groups.values()].flatMap((group) => {
    const added = group.filter(({ event }) => event === 'insert')
    const changes = group.filter(({ event, effect }) => event === 'update' && isOneStep(effect))
    const [only, ...more] = added
    if (more.length > 0) return added.map((it) => ({ added: it, changes: [] }))
    return only === undefined && changes.length === 0 ? [] : [{ added: only, changes }]
  })
}

/** An amount of both rows (`new.price - old.price`) moves a sum, and says nothing of which rows count. */
function isOneStep(effect: Contribution['effect']): boolean {
  return (
    effect.kind === 'delta' && !(refersToRow(effect.amount, ['new']) && refersToRow(effect.amount, ['old']))
  )
}

interface Term {
  readonly sign: 1 | -1
  readonly sql: string
}

function countOf(found: Found, { added, changes }: Piece, root: Root): Term | undefined {
  const sample = added ?? changes.find(({ effect }) => effect.kind === 'delta' && effect.sign === 1)
  const source = sample === undefined ? undefined : relationNamed(found, sample.source)
  if (sample?.effect.kind !== 'delta' || source === undefined) return undefined
  const counted = countedRows(added, changes, source)
  if (counted === undefined) return undefined
  const alias = aliasOf(source.name, [root.alias])
  const way = wayToRoot(found, sample.key, alias, root)
  if (way === undefined) return undefined
  const conditions = [...way.conditions, ...counted.map((it) => deparseExpression(ofSource(it, alias)).text)]
  const isOne = shapeOf(sample.effect.amount) === shapeOf(ONE)
  const amount = isOne
    ? 'count(*)'
    : `coalesce(sum(${deparseExpression(ofSource(sample.effect.amount, alias)).text}), 0)`
  const from = [`${tableText(source)} as ${alias}`, ...way.joins].join(' ')
  return {
    sign: sample.effect.sign,
    sql: `(select ${amount} from ${from} where ${conditions.join(' and ')})`,
  }
}

/** The conditions under which a row of the source belongs to the root's row. */
function wayToRoot(
  found: Found,
  key: Contribution['key'],
  alias: string,
  root: Root,
): { readonly joins: readonly string[]; readonly conditions: readonly string[] } | undefined {
  const joins: string[] = []
  const conditions: string[] = []
  for (const [column, node] of key) {
    const own = root.columns.get(column)
    if (own === undefined) continue
    const target = `${root.alias}.${plainName(own)}`
    const looked = 'SubLink' in node ? lookedUp(found, node, alias, [alias, root.alias]) : undefined
    if (looked === undefined && 'SubLink' in node) return undefined
    if (looked !== undefined) joins.push(looked.join)
    conditions.push(`${looked?.column ?? deparseExpression(ofSource(node, alias)).text} = ${target}`)
  }
  return conditions.length < root.columns.size ? undefined : { joins, conditions }
}

/** `(select user_id from projects where id = new.project_id)` as a join. */
function lookedUp(
  found: Found,
  node: Node,
  alias: string,
  taken: readonly string[],
): { readonly join: string; readonly column: string } | undefined {
  const select = subselectOf(node)
  const [from, ...more] = select?.fromClause ?? []
  const [target] = select?.targetList ?? []
  const range = from !== undefined && 'RangeVar' in from ? from.RangeVar : undefined
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (select?.whereClause === undefined || range === undefined || more.length > 0 || value === undefined)
    return undefined
  const table = relationNamed(found, { schema: range.schemaname, name: range.relname ?? '' })
  if (table === undefined) return undefined
  const known = [range.alias?.aliasname ?? table.name]
  const other = aliasOf(table.name, taken)
  const within = (it: Node) => deparseExpression(ofSource(ofTable(it, table, known, other), alias)).text
  const isEquality = asEquality(select.whereClause) !== undefined
  const on = within(select.whereClause)
  return {
    join: `join ${tableText(table)} as ${other} on ${isEquality ? on : `(${on})`}`,
    column: within(value),
  }
}

function subselectOf(node: Node): SelectStmt | undefined {
  if (!('SubLink' in node) || node.SubLink.subLinkType !== 'EXPR_SUBLINK') return undefined
  const { subselect } = node.SubLink
  return subselect !== undefined && 'SelectStmt' in subselect ? subselect.SelectStmt : undefined
}

/** Columns of a table, bare or by a name of it, under the alias that it has now. */
function ofTable(tree: Node, table: FoundRelation, known: readonly string[], alias: string): Node {
  return mapTree(tree, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [name = '', owner] = namesOf(node.ColumnRef.fields).toReversed()
    const isOwn = owner === undefined ? table.columns.some((it) => it.name === name) : known.includes(owner)
    return isOwn ? columnRef(alias, name) : undefined
  })
}

/** The changed row is a row of the source like every other. */
function ofSource(tree: Node, alias: string): Node {
  return mapTree(tree, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const names = namesOf(node.ColumnRef.fields)
    return names[0] === 'new' || names[0] === 'old' ? columnRef(alias, ...names.slice(1)) : undefined
  })
}
