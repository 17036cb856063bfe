import { weighted, type Drawing, type Rows, type ScopeColumn } from './drawing.ts'
import { drawAggregate } from './aggregates.ts'
import { comparison, drawExpression, drawValue, type ValueWays } from './expressions.ts'
import {
  aliasOf,
  drawLink,
  drawTie,
  isComputed,
  linkCondition,
  sortable,
  tableRows,
  totalOrder,
  type Tie,
} from './links.ts'
import { literalOf, TYPES, type ValueType } from './value-types.ts'

interface Inner {
  readonly rows: Rows
  readonly where: readonly string[]
}

/** Rows of one or two tables, tied to the columns outside by an equality. */
function drawInner(drawing: Drawing, outer: readonly ScopeColumn[]): Inner {
  const { random, shapes } = drawing
  const first = tableRows(drawing)
  const rows = drawing.tablesLeft > 0 && random.oneIn(5) ? joined(drawing, first) : first
  const tie = drawTie(drawing, outer, rows.columns)
  if (tie === undefined || random.oneIn(60)) {
    shapes.add('!subquery without correlation')
    return { rows, where: [] }
  }
  const more = random.oneIn(3)
    ? [plainCondition(drawing, random.oneIn(3) ? [...rows.columns, ...outer] : rows.columns)]
    : []
  return { rows, where: [tie.condition, ...secondTie(drawing, outer, rows, tie), ...more] }
}

/** The rows may be tied to two of the tables outside: no way leads from one of those to the other through them. */
function secondTie(
  drawing: Drawing,
  outer: readonly ScopeColumn[],
  rows: Rows,
  first: Tie,
): readonly string[] {
  const used = first.link?.left
  const others = outer.filter((it) => used !== undefined && aliasOf(it) !== aliasOf(used))
  const second =
    others.length > 0 && drawing.random.oneIn(2) ? drawTie(drawing, others, rows.columns) : undefined
  if (second === undefined) return []
  drawing.shapes.add('subquery tied to two tables')
  return [second.condition]
}

function joined(drawing: Drawing, left: Rows): Rows {
  const right = tableRows(drawing)
  const link = drawLink(drawing, left.columns, right.columns)
  const on = link === undefined ? 'true' : linkCondition(drawing, link)
  if (link === undefined) drawing.shapes.add('!join without equality')
  const kind = drawing.random.pick(['join', 'left join'])
  return {
    text: `${left.text} ${kind} ${right.text} on ${on}`,
    columns: [...left.columns, ...right.columns],
    keys: left.keys.flatMap((a) => right.keys.map((b) => [...a, ...b])),
    where: [],
  }
}

export function plainCondition(drawing: Drawing, columns: readonly ScopeColumn[]): string {
  // Of other times than these there may be an expression behind a name.
  const timed = columns.filter(
    (it) =>
      TYPES[it.type].clocks.length > 0 &&
      !isComputed(it) &&
      (it.type === 'instant' || it.declared !== undefined),
  )
  if (timed.length > 0 && drawing.random.oneIn(6)) return windowOfTime(drawing, timed)
  return comparison(drawing, columns, (type) => drawValue(drawing, columns, type, 1))
}

/** A column compared with the time. */
function windowOfTime({ random, shapes }: Drawing, columns: readonly ScopeColumn[]): string {
  const { ref, type } = random.pick(columns)
  shapes.add(`window of time by a ${type}`)
  const clock = () => random.pick(TYPES[type].clocks)
  return weighted(random, [
    [4, () => `${ref} ${random.pick(['>', '>=', '<', '<='])} ${clock()}`],
    [2, () => `${clock()} ${random.pick(['>', '<='])} ${ref}`],
    [1, () => `${ref} between ${clock()} and ${clock()}`],
    [1, () => `not (${ref} < ${clock()} and ${ref} is not null)`],
    [1, () => `${ref} = ${clock()}`],
  ])
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
}

/** Ways to make a value by a subquery over the rows outside. */
export function subqueryWays(drawing: Drawing, outer: readonly ScopeColumn[]): ValueWays {
  return (type) => {
    if (drawing.tablesLeft <= 0 || outer.length === 0) return []
    if (type === 'bool') return [[2, () => existence(drawing, outer)]]
    return SCALARS.includes(type) ? [[2, () => `(${drawScalar(drawing, outer, type)})`]] : []
  }
}

const SCALARS: readonly ValueType[] = ['int', 'text', 'numeric', 'date', 'timestamp']

/** A subquery of one column and one row at most. */
function drawScalar(drawing: Drawing, outer: readonly ScopeColumn[], type: ValueType): string {
  const { random, shapes } = drawing
  const { rows, where } = drawInner(drawing, outer)
  const aggregated = () => {
    shapes.add('subquery with an aggregate')
    const found = drawAggregate(drawing, rows, conditionsOver(drawing, rows.columns))
    const fits = found.type === type ? found.text : typedAggregate(drawing, rows, type)
    return `select ${fits} from ${rows.text}${whereOf(where)}`
  }
  const first = () => {
    shapes.add('first row of a subquery')
    const value = drawValue(drawing, rows.columns, type, 1)
    const offset = random.oneIn(6) ? ' offset 1' : ''
    return `select ${value} from ${rows.text}${whereOf(where)} order by ${totalOrder(drawing, rows)} limit 1${offset}`
  }
  return random.oneIn(3) ? first() : aggregated()
}

function typedAggregate(drawing: Drawing, { columns }: Rows, type: ValueType): string {
  const own = columns.filter((it) => it.type === type).map(({ ref }) => ref)
  const argument = own.length === 0 ? literalOf(drawing.random, type) : drawing.random.pick(own)
  if (type === 'bool') return `bool_or(${argument})`
  if (type === 'numeric') return `max((${argument})::numeric(12,2))`
  if (type === 'int' && drawing.random.oneIn(2)) return `count(*)`
  return `max(${argument})`
}

/** An aggregate of any type, an array, or a value of the one row with that key. */
export function drawSelectedSubquery(
  drawing: Drawing,
  outer: readonly ScopeColumn[],
): { readonly text: string; readonly type: ValueType } {
  const { random, shapes } = drawing
  const { rows, where } = drawInner(drawing, outer)
  const from = `from ${rows.text}${whereOf(where)}`
  return weighted(random, [
    [
      5,
      () => {
        shapes.add('subquery with an aggregate')
        const { text, type } = drawAggregate(drawing, rows, conditionsOver(drawing, rows.columns))
        return { text: `(select ${text} ${from})`, type }
      },
    ],
    [
      2,
      () => {
        shapes.add('first row of a subquery')
        const { text, type } = drawExpression(drawing, rows.columns)
        return { text: `(select ${text} ${from} order by ${totalOrder(drawing, rows)} limit 1)`, type }
      },
    ],
    [
      1,
      () => {
        shapes.add('ARRAY of a subquery')
        const value = drawValue(drawing, rows.columns, 'text', 1)
        return {
          text: `array(select (${value})::text ${from} order by ${totalOrder(drawing, rows)})`,
          type: 'texts' as const,
        }
      },
    ],
    [
      1,
      () => {
        shapes.add('COALESCE of a subquery')
        const value = typedAggregate(drawing, rows, 'int')
        return { text: `coalesce((select ${value} ${from}), -1)`, type: 'int' as const }
      },
    ],
  ])
}

/** Conditions for a FILTER: now and then a subquery. */
export function conditionsOver(drawing: Drawing, columns: readonly ScopeColumn[]): () => string {
  return () => {
    if (drawing.tablesLeft <= 0 || !drawing.random.oneIn(2)) return plainCondition(drawing, columns)
    drawing.shapes.add('subquery in FILTER')
    return existence(drawing, columns)
  }
}

/** A condition that may hold subqueries. */
export function drawCondition(drawing: Drawing, columns: readonly ScopeColumn[]): string {
  const { random } = drawing
  if (drawing.tablesLeft <= 0 || columns.length === 0 || random.oneIn(3))
    return plainCondition(drawing, columns)
  return weighted(random, [
    [4, () => existence(drawing, columns)],
    [3, () => membership(drawing, columns)],
    [1, () => quantified(drawing, columns)],
    [1, () => rowMembership(drawing, columns)],
    [
      1,
      () =>
        `${drawValue(drawing, columns, 'int', 1)} ${random.pick(['=', '<', '>='])} (${drawScalar(drawing, columns, 'int')})`,
    ],
    [
      2,
      () => {
        drawing.shapes.add('subquery under OR')
        return `(${plainCondition(drawing, columns)} or ${existence(drawing, columns)})`
      },
    ],
  ])
}

export function existence(drawing: Drawing, outer: readonly ScopeColumn[]): string {
  const { random, shapes } = drawing
  const { rows, where } = drawInner(drawing, outer)
  const isNegated = random.oneIn(2)
  shapes.add(isNegated ? 'NOT EXISTS' : 'EXISTS')
  const nested =
    drawing.tablesLeft > 0 && random.oneIn(5)
      ? [existence(drawing, random.oneIn(2) ? rows.columns : [...rows.columns, ...outer])]
      : []
  const target = random.pick(['', '1', '*'])
  return `${isNegated ? 'not ' : ''}exists (select ${target} from ${rows.text}${whereOf([...where, ...nested])})`
}

/** `x IN (SELECT y …)`: by itself an equality, or with a correlation of its own. */
function membership(drawing: Drawing, outer: readonly ScopeColumn[]): string {
  const { random, shapes } = drawing
  const rows = tableRows(drawing)
  const link = drawLink(drawing, outer, rows.columns)
  const tie = drawLink(drawing, outer, rows.columns)
  if (link === undefined || tie === undefined) return 'true'
  const isNegated = random.oneIn(3)
  const operator = isNegated ? random.pick(['not in', '<> all']) : random.pick(['in', 'in', '= any'])
  shapes.add(isNegated ? 'NOT IN' : 'IN')
  // A null on either side would change every row that the equality alone ties.
  const isTied = isNegated ? !random.oneIn(6) : random.oneIn(2)
  if (!isTied) shapes.add(isNegated ? '!NOT IN without correlation' : 'IN without correlation')
  const more = random.oneIn(3) ? [plainCondition(drawing, rows.columns)] : []
  const where = [...(isTied ? [linkCondition(drawing, tie)] : []), ...more]
  return `${link.left.ref} ${operator} (select ${link.right.ref} from ${rows.text}${whereOf(where)})`
}

function quantified(drawing: Drawing, outer: readonly ScopeColumn[]): string {
  const { random, shapes } = drawing
  shapes.add('ANY and ALL of a subquery')
  const { rows, where } = drawInner(drawing, outer)
  const own = drawValue(drawing, outer, 'int', 0)
  const other = drawValue(drawing, rows.columns, 'int', 0)
  return `${own} ${random.pick(['> all', '<= all', '> any', '<> any'])} (select ${other} from ${rows.text}${whereOf(where)})`
}

function rowMembership(drawing: Drawing, outer: readonly ScopeColumn[]): string {
  const { random, shapes } = drawing
  const rows = tableRows(drawing)
  const one = drawLink(drawing, outer, rows.columns)
  const two = one?.also ?? drawLink(drawing, sortable(outer), sortable(rows.columns))
  if (one === undefined || two === undefined) return 'true'
  shapes.add('row IN')
  const isNegated = random.oneIn(4)
  const tie = isNegated ? [linkCondition(drawing, one)] : []
  return `(${one.left.ref}, ${two.left.ref}) ${isNegated ? 'not ' : ''}in (select ${one.right.ref}, ${two.right.ref} from ${rows.text}${whereOf(tie)})`
}
