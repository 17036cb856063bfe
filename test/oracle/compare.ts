import type { Plan } from '../../src/compile/plan.ts'
import { SHOWN } from '../../src/compile/immediate/shown-rows.ts'
import { readerColumns } from '../../src/compile/decay.ts'
import type { Client } from '../../src/pg/client.ts'
import { ident, join, sql, trusted, type Sql } from '../../src/sql/sql.ts'
import type { Random } from './random.ts'

/** Rows of two queries compared as multisets of their text: 1.0 is not 1.00. One statement, one snapshot. */
function differenceOf(plan: Plan, ...queries: readonly [Sql, Sql]): string {
  const [a, b] = queries.map((it) => withSortedLists(plan, it)) as [Sql, Sql]
  return sql`select 'only in the first' as side, x.* from (
  select t::text as row from (${a}) t except all select t::text from (${b}) t) x
union all
select 'only in the second', x.* from (
  select t::text as row from (${b}) t except all select t::text from (${a}) t) x
limit 5`.text
}

/** Of a list whose order says nothing, its elements as text, sorted. */
function withSortedLists({ columns }: Plan, query: Sql): Sql {
  if (columns.every(({ elements }) => elements === undefined)) return query
  const values = columns
    .filter(({ hidden }) => !hidden)
    .map(({ name, elements }) => {
      const value = ident('q', name)
      if (elements === undefined) return value
      const all =
        elements === 'array' ? sql`unnest(${value})` : sql`${trusted(elements)}_array_elements(${value})`
      return sql`${value} is null, array(select e::text from ${all} as e order by e::text collate "C")`
    })
  return sql`select ${join(values)} from (${query}) as q`
}

export type Difference = Record<string, unknown>

/** One of the ways to read strictly. */
export async function compareStrictly(
  client: Client,
  plan: Plan,
  random: Random,
): Promise<{ readonly how: string; readonly rows: readonly Difference[] }> {
  const how = random.pick(['read', 'point read', 'page'])
  switch (how) {
    case 'point read':
      return { how, rows: await compareStrictPoint(client, plan, random.below(1_000)) }
    case 'page':
      return { how, rows: await compareStrictPage(client, plan, random.below(4)) }
    default:
      return { how, rows: await compareStrict(client, plan) }
  }
}

/** The strict view against the query itself. */
export async function compareStrict(client: Client, plan: Plan): Promise<readonly Difference[]> {
  const view = sql`select * from ${ident(plan.strictView.schema, plan.strictView.name)}`
  return await client.query(differenceOf(plan, view, wholeQuery(plan)))
}

/** What the model means: of one that reads others, with their queries in place of their names. */
function wholeQuery({ query, chain }: Plan): Sql {
  return trusted(chain?.query ?? query)
}

/** A strict read of one unit, as a page would ask for it. */
async function compareStrictPoint(client: Client, plan: Plan, index: number): Promise<readonly Difference[]> {
  const [name] = plan.key
  if (name === undefined) return []
  const column = ident('q', name)
  const values = await client.query<{ value: string | null }>(
    sql`select distinct ${column}::text as value from (${wholeQuery(plan)}) q order by 1`.text,
  )
  const value = values[index % Math.max(1, values.length)]?.value ?? null
  if (value === null) return []
  const only = (from: Sql) =>
    sql`select * from ${from} q where ${column} = ${trusted(`'${value.replaceAll("'", "''")}'`)}`
  const view = ident(plan.strictView.schema, plan.strictView.name)
  return await client.query(differenceOf(plan, only(view), only(sql`(${wholeQuery(plan)})`)))
}

/** Some rows in the order of the key. */
export async function compareStrictPage(
  client: Client,
  plan: Plan,
  skip = 0,
): Promise<readonly Difference[]> {
  const { schema, name } = plan.strictPage
  const order = join(plan.key.map((it) => ident(it)))
  const limit = sql`limit 7 offset ${trusted(String(skip))}`
  return await client.query(
    differenceOf(
      plan,
      sql`select * from ${ident(schema, name)}('', 7, ${trusted(String(skip))})`,
      sql`select * from (${wholeQuery(plan)}) x order by ${order} ${limit}`,
    ),
  )
}

/** What verify finds: hidden columns too, which nobody reads but the next fold. */
export async function compareHidden(client: Client, { statements }: Plan): Promise<readonly Difference[]> {
  return await client.query(statements.compare, [5])
}

/** Units that wait although all drains are done; those set aside with an error may. */
export async function compareWaiting(client: Client, { pending }: Plan): Promise<readonly Difference[]> {
  return await client.query(
    sql`select 'still waiting' as side, p::text as row from ${ident(pending.schema, pending.name)} p where error is null limit 5`
      .text,
  )
}

/** The stored table against the query, pending units left out: to be run in the drain's own snapshot. */
export async function compareStored(client: Client, plan: Plan): Promise<readonly Difference[]> {
  const pending = ident(plan.pending.schema, plan.pending.name)
  const same = plan.unit.map(
    ({ name }, i) => sql`p.u${trusted(String(i + 1))} is not distinct from ${ident('x', name)}`,
  )
  const settled = (from: Sql) => sql`select * from (${from}) x
  where not exists (select from ${pending} p where ${join(same, ' and ')})`
  // What moves with the time is not stored: what orders it is.
  const moving = (plan.decays ?? []).map(({ column }) => column)
  const visible = join(
    readerColumns(plan)
      .filter(({ name }) => !moving.includes(name))
      .map(({ name }) => ident(name)),
  )
  const shown = plan.columns.some(({ name }) => name === SHOWN) ? sql` where ${ident(SHOWN)}` : sql``
  const stored = sql`select ${visible} from ${ident(plan.storage.schema, plan.storage.name)}${shown}`
  const answer =
    moving.length === 0 ? trusted(plan.query) : sql`select ${visible} from (${trusted(plan.query)}) as q`
  return await client.query(differenceOf(plan, settled(stored), settled(answer)))
}
