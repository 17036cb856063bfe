import { ident, join, literal, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { RelationName } from '../../compile/plan.ts'
import type { Place } from './cursor.ts'
import { findColumn, type Column, type Facts } from './facts.ts'
import { jsonOf } from './json.ts'
import { orderList, orderText, type OrderColumn } from './order.ts'
import { stretchesBehind, type Stretch } from './seek.ts'
import { OPERATORS, type Condition } from './where.ts'

/** The column that tells the place of a row. */
export const PLACE = 'millrace_place'

/** Where the rows of a page come from: a relation, as it stands behind FROM, or a function that orders and limits them itself. */
export type PageSource =
  | { readonly kind: 'relation'; readonly relation: Sql }
  | { readonly kind: 'function'; readonly name: RelationName }

export interface PageRequest {
  readonly source: PageSource
  readonly facts: Facts
  /** With the key at its end. */
  readonly order: readonly OrderColumn[]
  /** The same as the server is told: with columns before others that are null in all of these rows. */
  readonly sorted: readonly OrderColumn[]
  readonly conditions: readonly Condition[]
  /** The first rows where nothing is said. */
  readonly behind: Place | undefined
  readonly limit: number
}

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** One statement, so that all of a page is of one snapshot. */
export function pageStatement(request: PageRequest): Statement {
  const { source, order, sorted, behind } = request
  const { values, parameter } = newParameters()
  const shared = {
    // Of a parameter the server supposes a tenth of all rows, and plans a prepared statement anew each time instead.
    limit: trusted(String(request.limit)),
    // A parameter that no stretch needs must not be among the values.
    place: once(() => parameter(behind?.values, 'jsonb')),
  }
  const writer =
    source.kind === 'relation'
      ? relationWriter(request, source.relation, shared, parameter)
      : functionWriter(request, source.name, shared, parameter)
  const stretches = behind === undefined ? [null] : stretchesBehind(order, behind.isNull)
  const [only, ...more] = stretches.map(writer)
  // Behind a null that comes last there is nothing.
  if (only === undefined) return { text: 'select where false', values: [] }
  if (more.length === 0) return { text: only.text, values }
  const parts = [only, ...more].map((it) => sql`(${it})`)
  const text = sql`select *
from (
${join(parts, '\nunion all\n')}
) as page
order by ${orderList(sorted, 'page')}
limit ${shared.limit}`.text
  return { text, values }
}

/** A page by what it has in common with those that differ from it in values only, and its own values. */
export interface PageShape {
  readonly rows: Sql
  readonly order: Sql
  readonly types: readonly string[]
  readonly values: readonly unknown[]
}

/** The first rows of a relation, as a part of `pagesStatement`; undefined where a value is a list, of which there are no lists. */
export function pageShape(request: PageRequest, relation: Sql): PageShape | undefined {
  const given: { readonly value: unknown; readonly type: string }[] = []
  const parameter: Parameter = (value, type) => {
    given.push({ value, type })
    return ident('p', `v${String(given.length)}`)
  }
  // A limit may not be of another relation.
  const shared = { limit: trusted(String(request.limit)), place: () => trusted('null') }
  const rows = relationWriter(
    { ...request, source: { kind: 'relation', relation } },
    relation,
    shared,
    parameter,
  )(null)
  const types = given.map(({ type }) => type)
  if (types.some((it) => it.endsWith('[]'))) return undefined
  return { rows, order: orderList(request.sorted, 'page'), types, values: given.map(({ value }) => value) }
}

/** The column that tells of which page a row is, counted from 0. */
export const PAGE = 'millrace_page'

/** Many pages by one statement, each in its order: the shape of all of them, and the values of each. */
export function pagesStatement(
  { rows, order, types }: PageShape,
  pages: readonly (readonly unknown[])[],
): Statement {
  const lists = types.map((type, i) => ({ type, values: pages.map((it) => it[i]) }))
  const all = [{ type: 'int', values: pages.map((_, at) => at) }, ...lists]
  const given = all.map(({ type }, i) => trusted(`$${String(i + 1)}::${type}[]`))
  const names = [PAGE, ...types.map((_, i) => `v${String(i + 1)}`)].map((it) => ident(it))
  const text = sql`select p.${ident(PAGE)}, page.*
from unnest(${join(given)}) as p (${join(names)})
cross join lateral (
${rows}
) as page
order by p.${ident(PAGE)}, ${order}`.text
  return { text, values: all.map(({ values }) => values) }
}

function newParameters(): { readonly values: readonly unknown[]; readonly parameter: Parameter } {
  const values: unknown[] = []
  return {
    values,
    parameter(value, type) {
      values.push(value)
      return trusted(`$${String(values.length)}::${type}`)
    },
  }
}

function once(make: () => Sql): () => Sql {
  let made: Sql | undefined
  return () => (made ??= make())
}

interface Shared {
  readonly limit: Sql
  readonly place: () => Sql
}

type Parameter = (value: unknown, type: string) => Sql
type Writer = (stretch: Stretch | null) => Sql

function relationWriter(
  { facts, order, sorted, conditions }: PageRequest,
  relation: Sql,
  { limit, place }: Shared,
  parameter: Parameter,
): Writer {
  const filters = conditions.map((it) => filterOf(it, parameter))
  return (stretch) => {
    const where = [...filters, ...(stretch === null ? [] : seekOf(stretch, order, facts, place))]
    return sql`select t.*, ${placeOf(order)}
from ${relation} as t${
      where.length === 0
        ? trusted('')
        : sql`
where ${join(where, '\n  and ')}`
    }
order by ${orderList(sorted, 't')}
limit ${limit}`
  }
}

function filterOf(condition: Condition, parameter: Parameter): Sql {
  const { column } = condition
  const own = ident('t', column.name)
  switch (condition.kind) {
    case 'equal':
      return condition.value === null
        ? sql`${own} is null`
        : sql`${own} = ${parameter(givenValue(column, condition.value), column.type)}`
    case 'bound':
      return sql`${own} ${trusted(OPERATORS[condition.operation])} ${parameter(condition.value, column.type)}`
    case 'oneOf': {
      const list = sql`${own} = any(${parameter([...condition.values], `${column.type}[]`)})`
      return condition.orNull ? sql`(${list} or ${own} is null)` : list
    }
  }
}

/** A driver would make an array of PostgreSQL of a list that is one of JSON. */
function givenValue({ type }: Column, value: unknown): unknown {
  return /\.jsonb?$/.test(type) ? jsonOf(value) : value
}

function seekOf(
  { equal, last }: Stretch,
  order: readonly OrderColumn[],
  facts: Facts,
  place: () => Sql,
): readonly Sql[] {
  const own = (at: number) => ident('t', order[at]?.name ?? '')
  const valueOf = (at: number) => placedValue(findColumn(facts, order[at]?.name ?? ''), place(), at)
  const agreeing = equal.map((it) =>
    it.isNull ? sql`${own(it.place)} is null` : sql`${own(it.place)} = ${valueOf(it.place)}`,
  )
  return [...agreeing, comparison(last, own(last.place), () => valueOf(last.place))]
}

function comparison({ kind }: Stretch['last'], own: Sql, value: () => Sql): Sql {
  switch (kind) {
    case 'greater':
      return sql`${own} > ${value()}`
    case 'less':
      return sql`${own} < ${value()}`
    case 'null':
      return sql`${own} is null`
    case 'notNull':
      return sql`${own} is not null`
  }
}

function placedValue(column: Column | undefined, place: Sql, at: number): Sql {
  const index = trusted(String(at))
  const type = trusted(column?.type ?? 'text')
  if (column?.isPlain !== false) return sql`(${place} ->> ${index})::${type}`
  return sql`(select v from jsonb_to_record(jsonb_build_object('v', ${place} -> ${index})) as r (v ${type}))`
}

/** A row's place, as PostgreSQL writes it: with every digit, whatever numbers and moments become in JavaScript. */
function placeOf(order: readonly OrderColumn[]): Sql {
  const values = order.map(({ name }) => sql`to_jsonb(${ident('t', name)})`)
  return sql`jsonb_build_array(${join(values)})::text as ${ident(PLACE)}`
}

/** The strict page function filters by JSON. */
function functionWriter(
  { order, sorted, conditions }: PageRequest,
  name: RelationName,
  { limit, place }: Shared,
  parameter: Parameter,
): Writer {
  const filter = parameter(jsonOf(conditions.map(matchingOf)), 'jsonb')
  const by = parameter(quotedOrder(sorted), 'text')
  return (stretch) => {
    const matching = stretch === null ? filter : sql`${filter} || ${seekMatching(stretch, order, place)}`
    return sql`select t.*, ${placeOf(order)}
from ${qualified(name)}(${by}, ${limit}, 0, ${matching}) as t
order by ${orderList(sorted, 't')}
limit ${limit}`
  }
}

function matchingOf(condition: Condition): object {
  const { column } = condition
  switch (condition.kind) {
    case 'equal':
      return { [column.name]: { eq: condition.value } }
    case 'bound':
      return { [column.name]: { [condition.operation]: condition.value } }
    case 'oneOf':
      return { [column.name]: { in: condition.orNull ? [...condition.values, null] : condition.values } }
  }
}

/** A list of one condition for each column, taken from the place as it is. */
function seekMatching({ equal, last }: Stretch, order: readonly OrderColumn[], place: () => Sql): Sql {
  const part = (at: number, operation: string, value: Sql) =>
    sql`jsonb_build_object(${literal(order[at]?.name ?? '')}, jsonb_build_object(${literal(operation)}, ${value}))`
  const valueOf = (at: number) => sql`${place()} -> ${trusted(String(at))}`
  const agreeing = equal.map((it) => part(it.place, 'eq', valueOf(it.place)))
  return sql`jsonb_build_array(${join([...agreeing, lastPart()])})`

  function lastPart(): Sql {
    switch (last.kind) {
      case 'greater':
        return part(last.place, 'gt', valueOf(last.place))
      case 'less':
        return part(last.place, 'lt', valueOf(last.place))
      case 'null':
        return part(last.place, 'eq', trusted('null'))
      case 'notNull':
        return part(last.place, 'ne', trusted('null'))
    }
  }
}

function quotedOrder(order: readonly OrderColumn[]): string {
  return orderText(order.map((it) => ({ ...it, name: ident(it.name).text })))
}
