import type { Drawing, Rows, ScopeColumn } from './drawing.ts'
import { weighted } from './drawing.ts'
import { comparison, drawValue, type Expression } from './expressions.ts'
import { sortable, totalOrder } from './links.ts'
import type { ValueType } from './value-types.ts'

/** The condition of a FILTER; a place that admits subqueries says more. */
export type Conditions = () => string

/** An aggregate before its FILTER, and what is done with its value. */
interface Aggregate {
  readonly type: ValueType
  readonly text: string
  readonly around: (text: string) => string
}

/** An aggregate over rows, of any type. */
export function drawAggregate(drawing: Drawing, rows: Rows, condition?: Conditions): Expression {
  const { type, text, around } = weighted(drawing.random, [
    [8, () => counting(drawing, rows)],
    [6, () => adding(drawing, rows)],
    [5, () => extreme(drawing, rows)],
    [2, () => of('bool', `${drawing.random.pick(['bool_and', 'bool_or', 'every'])}(${test(drawing, rows)})`)],
    [5, () => collecting(drawing, rows)],
    [2, () => orderedSet(drawing, rows)],
  ])
  return { text: around(text + filter(drawing, rows, condition)), type, role: null, isNullable: true }
}

function of(type: ValueType, text: string, around: Aggregate['around'] = (it) => it): Aggregate {
  return { type, text, around }
}

function filter(drawing: Drawing, rows: Rows, condition?: Conditions): string {
  if (!drawing.random.oneIn(4)) return ''
  drawing.shapes.add('FILTER')
  const isPlain = condition === undefined || drawing.random.oneIn(2)
  return ` filter (where ${isPlain ? test(drawing, rows) : condition()})`
}

function test(drawing: Drawing, { columns }: Rows): string {
  return comparison(drawing, columns, (type) => drawValue(drawing, columns, type, 0))
}

function counting({ random }: Drawing, { columns }: Rows): Aggregate {
  const comparable = columns.filter(({ type }) => type !== 'json')
  return random.oneIn(2) || comparable.length === 0
    ? of('int', 'count(*)')
    : of('int', `count(${random.pick(['', 'distinct '])}${random.pick(comparable).ref})`)
}

function adding(drawing: Drawing, { columns }: Rows): Aggregate {
  const { random, shapes } = drawing
  const type = random.pick(['int', 'int', 'numeric', 'loose', 'float'] as const)
  const ofType = columns.filter((it) => it.type === type)
  if (type === 'float' && ofType.length > 0 && random.oneIn(8)) {
    shapes.add('!sum of floats')
    return of('float', `sum(${random.pick(ofType).ref})`)
  }
  const argument =
    type === 'loose' && ofType.length > 0
      ? random.pick(ofType).ref
      : drawValue(drawing, columns, type === 'numeric' ? 'numeric' : 'int', random.below(2))
  const isAverage = random.oneIn(3)
  return isAverage
    ? of('loose', `avg(${argument})`)
    : of(type === 'int' ? 'int' : 'loose', `sum(${argument})`)
}

function extreme(drawing: Drawing, { columns }: Rows): Aggregate {
  const { random } = drawing
  const found = columns.filter(({ type }) =>
    ['int', 'text', 'date', 'timestamp', 'mood', 'numeric'].includes(type),
  )
  if (found.length === 0) return of('int', 'count(*)')
  const { ref, type } = random.pick(found)
  const computed = random.oneIn(4) && type !== 'mood' ? drawValue(drawing, columns, type, 1) : ref
  const argument = type === 'numeric' && computed !== ref ? `(${computed})::numeric(12,2)` : computed
  return of(type, `${random.pick(['min', 'max'])}(${argument})`)
}

function collecting(drawing: Drawing, rows: Rows): Aggregate {
  const { random, shapes } = drawing
  shapes.add('ordered aggregate')
  const { columns } = rows
  const text = () => drawValue(drawing, columns, 'text', 1)
  const order = () => openOrder(drawing, rows)
  const anything = () =>
    printable(
      drawing,
      columns.filter(({ type }) => !['ints', 'texts'].includes(type)),
    )
  return weighted(random, [
    [3, () => of('text', `string_agg(${text()}, ',' order by ${order()})`)],
    [1, () => of('text', `string_agg(distinct ${column(drawing, columns, 'text')}, ',')`)],
    [2, () => of('ints', `array_agg((${drawValue(drawing, columns, 'int', 0)})::int order by ${order()})`)],
    [1, () => of('ints', `array_agg(distinct (${column(drawing, columns, 'int')})::int)`)],
    [2, () => of('texts', `array_agg((${text()})::text order by ${order()})`)],
    [2, () => of('jsonb', `jsonb_agg(${printable(drawing, columns)} order by ${order()})`)],
    [1, () => of('json', `json_agg(${printable(drawing, columns)} order by ${order()})`)],
    [
      1,
      () =>
        of(
          'jsonb',
          `jsonb_agg(jsonb_build_object('a', ${printable(drawing, columns)}, 'n', ${printable(drawing, columns)}) order by ${order()})`,
        ),
    ],
    [1, () => of('int', `array_agg(${anything()} order by ${order()})`, (it) => `cardinality(${it})`)],
  ])
}

/** Types that json prints alike under every setting. */
function printable({ random }: Drawing, columns: readonly ScopeColumn[]): string {
  const found = columns.filter(({ type }) => !['instant', 'float'].includes(type))
  return found.length === 0 ? '1' : random.pick(found).ref
}

function column(drawing: Drawing, columns: readonly ScopeColumn[], type: ValueType): string {
  const found = columns.filter((it) => it.type === type)
  return found.length === 0 ? drawValue(drawing, columns, type, 0) : drawing.random.pick(found).ref
}

/** Total, but once in a while: then the query has more than one right answer and must be refused. */
function openOrder(drawing: Drawing, rows: Rows): string {
  if (!drawing.random.oneIn(40) || rows.columns.length < 2) return totalOrder(drawing, rows)
  drawing.shapes.add('!order left open')
  return drawing.random.pick(sortable(rows.columns)).ref
}

function orderedSet(drawing: Drawing, { columns }: Rows): Aggregate {
  const { random, shapes } = drawing
  shapes.add('ordered-set aggregate')
  const value = (type: ValueType) => drawValue(drawing, columns, type, 0)
  return weighted(random, [
    [3, () => of('int', `percentile_disc(0.5) within group (order by ${value('int')})`)],
    [1, () => of('text', `percentile_disc(0.25) within group (order by ${value('text')} desc)`)],
    [1, () => of('int', `rank(2) within group (order by ${value('int')})`)],
    [1, () => of('float', `percentile_cont(0.5) within group (order by ${value('int')})`)],
  ])
}
