import { weighted, type Drawing, type ScopeColumn } from './drawing.ts'
import { literalOf, type ValueType } from './value-types.ts'

export interface Expression {
  readonly text: string
  readonly type: ValueType
  readonly role: string | null
  readonly isNullable: boolean
}

/** What can be said anywhere: where a place admits subqueries, it brings its own ways to make a value. */
export type ValueWays = (type: ValueType) => readonly (readonly [number, () => string])[]

const NO_WAYS: ValueWays = () => []

/** Types for which there are functions and operators to draw; of the others columns and literals are taken as they are. */
const COMPUTED: readonly ValueType[] = ['int', 'text', 'bool', 'numeric', 'date', 'timestamp']

/** Some expression over these columns, of any type that they have or that can be computed from them. */
export function drawExpression(
  drawing: Drawing,
  columns: readonly ScopeColumn[],
  more: ValueWays = NO_WAYS,
): Expression {
  const { random } = drawing
  if (columns.length > 0 && random.below(5) < 2) return asIs(random.pick(columns))
  const type = random.pick(COMPUTED)
  return { text: drawValue(drawing, columns, type, 2, more), type, role: null, isNullable: true }
}

function asIs({ ref, type, role, isNullable }: ScopeColumn): Expression {
  return { text: ref, type, role, isNullable }
}

/** An expression of one type; `depth` is how far it may be nested. */
export function drawValue(
  drawing: Drawing,
  columns: readonly ScopeColumn[],
  type: ValueType,
  depth: number,
  more: ValueWays = NO_WAYS,
): string {
  const { random } = drawing
  const own = columns.filter((it) => it.type === type)
  const leaf = (): string =>
    own.length > 0 && !random.oneIn(6) ? random.pick(own).ref : literalOf(random, type)
  if (depth === 0) return leaf()

  const value = (of: ValueType) => drawValue(drawing, columns, of, depth - 1, more)
  return weighted(random, [
    [own.length > 0 ? 4 : 1, leaf],
    [1, () => `coalesce(${value(type)}, ${value(type)})`],
    [1, () => caseOf(drawing, columns, type, depth, more)],
    ...(isOrdered(type)
      ? ([[1, () => `${random.pick(['greatest', 'least'])}(${value(type)}, ${value(type)})`]] as const)
      : []),
    ...(type === 'jsonb' || type === 'json'
      ? []
      : ([[1, () => `nullif(${value(type)}, ${value(type)})`]] as const)),
    ...computed(drawing, columns, type, value),
    ...more(type),
  ])
}

const isOrdered = (type: ValueType) => ['int', 'text', 'numeric', 'date', 'timestamp', 'mood'].includes(type)

function caseOf(
  drawing: Drawing,
  columns: readonly ScopeColumn[],
  type: ValueType,
  depth: number,
  more: ValueWays,
): string {
  const value = (of: ValueType) => drawValue(drawing, columns, of, depth - 1, more)
  const condition = value('bool')
  return drawing.random.oneIn(3)
    ? `case ${value('int')} when 1 then ${value(type)} when 2 then ${value(type)} end`
    : `case when ${condition} then ${value(type)} else ${value(type)} end`
}

type Value = (type: ValueType) => string

type Ways = readonly (readonly [number, () => string])[]

function computed(drawing: Drawing, columns: readonly ScopeColumn[], type: ValueType, value: Value): Ways {
  const ways: Partial<Record<ValueType, () => Ways>> = {
    int: () => intWays(drawing, columns, value),
    text: () => textWays(drawing, columns, value),
    bool: () => [
      [1, () => `not (${value('bool')})`],
      [2, () => `(${comparison(drawing, columns, value)})`],
      [1, () => `(${value('bool')} ${drawing.random.pick(['and', 'or'])} ${value('bool')})`],
    ],
    numeric: () => [
      [
        1,
        () => `(${value('numeric')} ${drawing.random.pick(['+', '-'])} ${value('numeric')})::numeric(12,2)`,
      ],
      [1, () => `round(${value('numeric')}, 1)`],
      [1, () => `(${value('int')})::numeric(12,2)`],
    ],
    date: () => [
      [1, () => `(${value('date')} + (${value('int')} % 40)::int)`],
      [1, () => `(${value('timestamp')})::date`],
    ],
    timestamp: () => [
      [1, () => `date_trunc('${drawing.random.pick(['month', 'day', 'year'])}', ${value('timestamp')})`],
      [1, () => `(${value('timestamp')} + interval '1 day')`],
      [1, () => `(${value('date')})::timestamp`],
    ],
  }
  return ways[type]?.() ?? []
}

function intWays(
  { random }: Drawing,
  columns: readonly ScopeColumn[],
  value: Value,
): readonly (readonly [number, () => string])[] {
  const of = (type: ValueType) => columns.filter((it) => it.type === type)
  const ways: (readonly [number, () => string])[] = [
    [2, () => `(${value('int')} ${random.pick(['+', '-'])} ${value('int')})`],
    [1, () => `(${value('int')} % ${random.pick(['2', '3'])})`],
    [1, () => `abs(${value('int')})`],
    [1, () => `length(${value('text')})`],
    [1, () => `extract(month from ${value('date')})::int`],
  ]
  const ints = of('ints')
  if (ints.length > 0) {
    ways.push([1, () => `cardinality(${random.pick(ints).ref})`], [1, () => `(${random.pick(ints).ref})[1]`])
  }
  const ranges = of('range')
  if (ranges.length > 0) ways.push([1, () => `lower(${random.pick(ranges).ref})`])
  const pairs = of('pair')
  if (pairs.length > 0) ways.push([1, () => `(${random.pick(pairs).ref}).a`])
  return ways
}

function textWays(
  { random }: Drawing,
  columns: readonly ScopeColumn[],
  value: Value,
): readonly (readonly [number, () => string])[] {
  const documents = columns.filter((it) => it.type === 'jsonb')
  const moods = columns.filter((it) => it.type === 'mood')
  const ways: (readonly [number, () => string])[] = [
    [1, () => `${random.pick(['lower', 'upper', 'initcap'])}(${value('text')})`],
    [1, () => `left(${value('text')}, 1)`],
    [1, () => `(${value('text')} || '-' || ${value('text')})`],
    [1, () => `(${value('int')})::text`],
    [1, () => `case when ${value('bool')} then 'yes' else 'no' end`],
  ]
  if (documents.length > 0)
    ways.push([2, () => `(${random.pick(documents).ref} ->> '${random.pick(['a', 'n'])}')`])
  if (moods.length > 0)
    ways.push([1, () => `case ${random.pick(moods).ref} when 'sad' then 'down' else 'up' end`])
  return ways
}

/** A condition over these columns alone, without any subquery. */
export function comparison(drawing: Drawing, columns: readonly ScopeColumn[], value: Value): string {
  const { random } = drawing
  const comparable = columns.filter((it) => it.type !== 'json')
  if (comparable.length === 0) return 'true'
  const { ref, type } = random.pick(comparable)
  const other = () => (COMPUTED.includes(type) && random.oneIn(2) ? value(type) : literalOf(random, type))
  return weighted(random, [
    [
      3,
      () =>
        `${ref} ${random.pick(isOrdered(type) ? ['=', '<>', '<>', '<', '>=', '>'] : ['=', '<>', '<>'])} ${other()}`,
    ],
    [2, () => `${ref} is ${random.pick(['null', 'not null', 'not null'])}`],
    [1, () => `${ref} is ${random.pick(['', 'not '])}distinct from ${other()}`],
    [1, () => `${ref} ${random.pick(['in', 'not in', 'not in'])} (${other()}, ${other()})`],
    [isOrdered(type) ? 1 : 0, () => `${ref} between ${other()} and ${other()}`],
    [1, () => special(drawing, ref, type)],
    [1, () => rowComparison(drawing, comparable)],
  ])
}

/** `(a, b) >= (1, 'bob')`. */
function rowComparison({ random }: Drawing, columns: readonly ScopeColumn[]): string {
  const two = [random.pick(columns), random.pick(columns)].filter(({ type }) => isOrdered(type))
  if (two.length < 2) return 'true'
  const literals = two.map(({ type }) => literalOf(random, type))
  return `(${two.map(({ ref }) => ref).join(', ')}) ${random.pick(['>=', '<', '<>'])} (${literals.join(', ')})`
}

/** What can be asked of one type only. */
const QUESTIONS: Partial<Record<ValueType, readonly ((ref: string) => string)[]>> = {
  int: [(ref) => `(${ref} % 2) = 0`],
  text: [(ref) => `${ref} like 'a%'`, (ref) => `${ref} not like '%o%'`, (ref) => `${ref} ilike '_d_'`],
  bool: ['true', 'not true', 'false', 'unknown'].map((it) => (ref: string) => `${ref} is ${it}`),
  ints: [(ref) => `2 = any (${ref})`, (ref) => `${ref} @> array[1]`, (ref) => `2 <> all (${ref})`],
  jsonb: [
    (ref) => `${ref} ? 'n'`,
    (ref) => `${ref} @> '{"n": 1}'`,
    (ref) => `jsonb_typeof(${ref} -> 'a') = 'string'`,
  ],
  range: [(ref) => `${ref} @> 2`, (ref) => `${ref} && int4range(1, 3)`, (ref) => `isempty(${ref})`],
  pair: [(ref) => `(${ref}).a > 1`, (ref) => `(${ref}).b is null`],
}

function special({ random }: Drawing, ref: string, type: ValueType): string {
  return random.pick(QUESTIONS[type] ?? [(it: string) => `${it} is not null`])(ref)
}
