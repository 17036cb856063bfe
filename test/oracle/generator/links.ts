import { newAlias, underAlias, weighted, type Drawing, type Rows, type ScopeColumn } from './drawing.ts'
import { ident } from '../../../src/sql/sql.ts'
import type { Table } from './schema.ts'

/** Two columns that a join or a correlation equates. */
export interface Link {
  readonly left: ScopeColumn
  readonly right: ScopeColumn
  /** A reference of two columns is followed by both. */
  readonly also?: Link
}

const LINKED = new Set(['int', 'text', 'date', 'mood', 'uuid', 'numeric'])

/** A pair of columns of one type; those that name rows of one table are by far the likeliest. */
export function drawLink(
  { random, shapes }: Drawing,
  left: readonly ScopeColumn[],
  right: readonly ScopeColumn[],
): Link | undefined {
  const ways = left.flatMap((a) =>
    right
      .filter((b) => a.type === b.type && LINKED.has(a.type))
      .map((b): readonly [number, () => Link] => [weightOf(a, b), () => ({ left: a, right: b })]),
  )
  const both = pairLinks(left, right).map((link): readonly [number, () => Link] => [600, () => link])
  if (ways.length === 0) return undefined
  const link = weighted(random, [...ways, ...both])
  if (link.also !== undefined) shapes.add('tied by two columns')
  if (isComputed(link.left) || isComputed(link.right)) shapes.add('!tied by a computed column')
  return link
}

/** Those of two columns that name rows of one table on both sides. */
function pairLinks(left: readonly ScopeColumn[], right: readonly ScopeColumn[]): readonly Link[] {
  const pairsOf = (columns: readonly ScopeColumn[]) =>
    columns.flatMap((first) => {
      if (first.pair?.at !== 0 || isComputed(first)) return []
      const second = columns.find(
        (it) => it.pair?.of === first.pair?.of && it.pair?.at === 1 && aliasOf(it) === aliasOf(first),
      )
      return second === undefined || isComputed(second) ? [] : [{ first, second }]
    })
  return pairsOf(left).flatMap((a) =>
    pairsOf(right)
      .filter((b) => b.first.pair?.of === a.first.pair?.of)
      .map((b) => ({ left: a.first, right: b.first, also: { left: a.second, right: b.second } })),
  )
}

export function aliasOf({ ref }: Pick<ScopeColumn, 'ref'>): string {
  return ref.slice(0, ref.lastIndexOf('."'))
}

/** What a link equates on one side. */
export function refsOf({ also, ...link }: Link, side: 'left' | 'right'): readonly string[] {
  return [link[side].ref, ...(also === undefined ? [] : [also[side].ref])]
}

function weightOf(a: ScopeColumn, b: ScopeColumn): number {
  if (isComputed(a) || isComputed(b)) return 2
  if (a.role !== null && a.role === b.role) return 600
  return a.type === 'int' ? 20 : 10
}

export function isComputed(column: Pick<ScopeColumn, 'isComputed'>): boolean {
  return column.isComputed === true
}

/** The condition of a link: an equality of columns as a rule. */
export function linkCondition(drawing: Drawing, { also, ...link }: Link): string {
  const first = equality(drawing, link)
  return also === undefined ? first : `${first} and ${also.right.ref} = ${also.left.ref}`
}

function equality({ random, shapes }: Drawing, { left, right }: Link): string {
  const isNumber = left.type === 'int'
  return weighted(random, [
    [20, () => `${left.ref} = ${right.ref}`],
    [6, () => `${right.ref} = ${left.ref}`],
    [
      isNumber ? 1 : 0,
      () => {
        shapes.add('equality of expressions')
        return `${left.ref} + 1 = ${right.ref} + 1`
      },
    ],
    [
      left.type === 'text' ? 2 : 0,
      () => {
        shapes.add('equality of expressions')
        return `lower(${left.ref}) = lower(${right.ref})`
      },
    ],
  ])
}

/** What ties two sides together; the link is missing where it is no equality of columns. */
export interface Tie {
  readonly condition: string
  readonly link: Link | undefined
}

/** An equality, or now and then membership in an array, for which there is no hash. */
export function drawTie(
  drawing: Drawing,
  left: readonly ScopeColumn[],
  right: readonly ScopeColumn[],
  { isHashable = false } = {},
): Tie | undefined {
  const { random, shapes } = drawing
  const arrays = arrayTies(left, right)
  if (!isHashable && arrays.length > 0 && random.oneIn(8)) {
    shapes.add('= ANY of an array column')
    return { condition: random.pick(arrays), link: undefined }
  }
  const link = drawLink(drawing, left, right)
  return link && { condition: linkCondition(drawing, link), link }
}

function arrayTies(left: readonly ScopeColumn[], right: readonly ScopeColumn[]): readonly string[] {
  const ties = (values: readonly ScopeColumn[], arrays: readonly ScopeColumn[]) =>
    arrays
      .filter(({ type }) => type === 'ints')
      .flatMap((array) =>
        values.filter(({ type }) => type === 'int').map((value) => `${value.ref} = any (${array.ref})`),
      )
  return [...ties(left, right), ...ties(right, left)]
}

export function isCovered(keys: Rows['keys'], columns: readonly string[]): boolean {
  return keys.some((key) => key.every((ref) => columns.includes(ref)))
}

/** One table of the schema under a new alias. */
export function tableRows(drawing: Drawing, table?: Table): Rows {
  const { random, tables } = drawing
  const { schema, name, columns, key, partitions } = table ?? random.pick(tables)
  drawing.tablesLeft -= 1
  if (partitions.length > 0) drawing.shapes.add('partitioned table')
  const alias = newAlias(drawing)
  return {
    text: `${ident(schema, name).text} ${random.oneIn(2) ? 'as ' : ''}${alias}`,
    columns: underAlias(alias, columns),
    keys: [key.map((it) => `${alias}.${ident(it).text}`)],
    where: [],
  }
}

/** An ORDER BY that leaves nothing open: something, and then a key of the rows. */
export function totalOrder(drawing: Drawing, { columns, keys }: Rows): string {
  const { random, shapes } = drawing
  const [first] = keys.length === 0 ? [] : [random.pick(keys)]
  if (first === undefined || first.length === 0) shapes.add('!rows without a known key are ordered')
  const last = first === undefined || first.length === 0 ? sortable(columns).map(({ ref }) => ref) : first
  const before = random.oneIn(2) ? [] : [random.pick(sortable(columns).map(({ ref }) => ref))]
  const direction = () => random.pick(['', '', ' desc', ' desc nulls last', ' nulls first'])
  return [...before, ...last].map((ref) => `${ref}${direction()}`).join(', ')
}

export function sortable(columns: readonly ScopeColumn[]): readonly ScopeColumn[] {
  return columns.filter(({ type }) => !['json', 'jsonb', 'pair', 'loose', 'float', 'instant'].includes(type))
}
