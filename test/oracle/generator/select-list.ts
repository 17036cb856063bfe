import { ident } from '../../../src/sql/sql.ts'
import {
  newName,
  type Block,
  type BlockColumn,
  type Drawing,
  type Rows,
  type ScopeColumn,
} from './drawing.ts'
import { drawExpression } from './expressions.ts'
import { drawLink, isComputed, linkCondition } from './links.ts'
import { drawCondition, drawSelectedSubquery, subqueryWays } from './subqueries.ts'

/** An output column and the expression that it is. */
export interface Output extends BlockColumn {
  readonly text: string
}

/** What a block is put together from. */
export interface BlockParts {
  readonly outputs: readonly Output[]
  readonly from: string
  readonly where: readonly string[]
  readonly distinct?: string
  readonly tail?: readonly string[]
}

export function writeBlock({ outputs, from, where, distinct = '', tail = [] }: BlockParts): string {
  const list = outputs.map(({ text, name }) =>
    isReference(text) && text.endsWith(`.${ident(name).text}`) ? text : `${text} as ${ident(name).text}`,
  )
  return [
    `select ${distinct}${list.join(', ')}`,
    `from ${from}`,
    ...(where.length === 0 ? [] : [`where ${where.join(' and ')}`]),
    ...tail,
  ].join('\n')
}

/** `t1."id"`, and nothing around it. */
export function isReference(text: string): boolean {
  return /^(\w+|"([^"]|"")+")\."([^"]|"")+"$/.test(text)
}

/** The output of a column: under its own name where nobody has that yet. */
export function passOn(drawing: Drawing, taken: readonly BlockColumn[], column: ScopeColumn): Output {
  const isFree = !taken.some(({ name }) => name === column.name)
  const name = isFree && drawing.random.oneIn(2) ? column.name : newName(drawing)
  const { ref: text, type, role, isNullable, pair } = column
  return { text, name, type, role, isNullable, pair, isComputed: isComputed(column) }
}

/** Outputs of these columns, in their order. */
export function passAllOn(drawing: Drawing, columns: readonly ScopeColumn[]): readonly Output[] {
  const outputs: Output[] = []
  for (const column of columns) outputs.push(passOn(drawing, outputs, column))
  return outputs
}

export function columnsOf({ columns }: Rows, refs: readonly string[]): readonly ScopeColumn[] {
  return refs.flatMap((ref) => columns.filter((it) => it.ref === ref).slice(0, 1))
}

/** A column, an expression or a subquery. */
export function drawOutput(
  drawing: Drawing,
  taken: readonly BlockColumn[],
  columns: readonly ScopeColumn[],
): Output {
  const { random } = drawing
  if (columns.length > 0 && random.oneIn(3)) return passOn(drawing, taken, random.pick(columns))
  const more = { name: newName(drawing), role: null, isNullable: true }
  if (columns.length > 0 && drawing.tablesLeft > 0 && random.oneIn(3))
    return { ...drawSelectedSubquery(drawing, columns), ...more, isComputed: true }
  const { text, type } = drawExpression(drawing, columns, subqueryWays(drawing, columns))
  return { text, type, ...more, isComputed: readsComputed(text, columns) }
}

/** Anything with a subquery in it, or over a column that is computed. */
export function readsComputed(text: string, columns: readonly ScopeColumn[]): boolean {
  return text.includes('(select') || columns.some((it) => isComputed(it) && text.includes(it.ref))
}

/** WHERE: what belongs to the tables, what ties them to the rows outside, and something more. */
export function drawWhere(drawing: Drawing, rows: Rows, outer: readonly ScopeColumn[]): readonly string[] {
  const { random } = drawing
  const count = random.pick([0, 0, 0, 0, 1, 1, 2])
  return [
    ...rows.where,
    ...correlation(drawing, rows, outer),
    ...Array.from({ length: count }, () => drawCondition(drawing, rows.columns)),
  ]
}

function correlation(drawing: Drawing, rows: Rows, outer: readonly ScopeColumn[]): readonly string[] {
  if (outer.length === 0) return []
  const link = drawLink(drawing, outer, rows.columns)
  if (link !== undefined) return [linkCondition(drawing, link)]
  drawing.shapes.add('!subquery without correlation')
  return []
}

/** The keys of some rows that can be told from the outputs, by the outputs' names. */
export function keysIn(outputs: readonly Output[], keys: Rows['keys']): Block['keys'] {
  const nameOf = (ref: string) => outputs.find(({ text }) => text === ref)?.name
  return keys
    .map((key) => key.map(nameOf))
    .filter((key): key is string[] => key.every((name) => name !== undefined))
}
