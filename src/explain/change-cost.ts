import type { Plan, PlanPath, PlanSource } from '../compile/plan.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { isSameName, newColumn, oldColumn } from '../sql/names.ts'
import { loadParser } from '../sql/parse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import { batchParameters } from '../work/recompute.ts'
import { freshRows } from './fresh-rows.ts'
import { ifPossible, planned, type Planned } from './planned.ts'

export interface ChangeCosts {
  /** Following each path of the plan from one changed row, in the plan's order; null where it cannot be told. */
  readonly paths: readonly (Planned | null)[]
  /** Computing one unit anew: the dearest of the samples as planned, their median as measured. Null without rows. */
  readonly unit: Planned | null
}

export interface CostOptions {
  /** Runs the statements as well, and tells how long they took. */
  readonly measure?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

const SAMPLES = 5
/** Enough pages for some rows, from all over the table. */
const SAMPLED_PAGES = 20
/** Nobody waits longer for a figure that only says that it is large. */
const TIMEOUT_MS = 20_000

/** What one change costs the worker, by EXPLAIN, in a transaction that reads only. */
export async function changeCosts(
  client: Client,
  plan: Plan,
  { measure = false, signal }: CostOptions = {},
): Promise<ChangeCosts> {
  await loadParser()
  return await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, async () => {
    await client.query(`set local statement_timeout = ${String(TIMEOUT_MS)}`)
    const paths: (Planned | null)[] = []
    for (const path of plan.paths) {
      paths.push(await ifPossible(client, () => findCost(client, plan, path, measure), signal))
    }
    const units = await ifPossible(client, () => sampleUnits(client, plan), signal)
    return { paths, unit: await unitCost(client, plan, units ?? [], { measure, signal }) }
  })
}

async function unitCost(
  client: Client,
  plan: Plan,
  units: readonly (readonly string[])[],
  { measure = false, signal }: CostOptions,
): Promise<Planned | null> {
  const statement = freshRows(plan)
  const nulls = plan.unit.map(() => false)
  const found: Planned[] = []
  for (const unit of units) {
    const look = () => planned(client, statement, batchParameters(nulls, [unit]), { run: measure })
    const outcome = await ifPossible(client, look, signal)
    if (outcome !== null) found.push(outcome)
  }
  const dearest = found.toSorted((a, b) => b.cost - a.cost)[0]
  if (dearest === undefined) return null
  const times = found.flatMap(({ ms }) => ms ?? []).toSorted((a, b) => a - b)
  return { ...dearest, ms: times[Math.floor(times.length / 2)] ?? null }
}

/** Follows a path from one changed row of its source: one that exists where it is run, else one that the planner knows nothing of. */
async function findCost(client: Client, plan: Plan, path: PlanPath, run: boolean): Promise<Planned> {
  const source = sourceOf(plan, path)
  const values = run ? await anyRow(client, source) : source.captured.map(() => null)
  const columns = source.captured.map(
    ({ column, type }, i) => sql`$${trusted(String(i + 1))}::text::${trusted(type)} as ${ident(column)}`,
  )
  const row = sql`(select ${join(columns)}) as t`
  return await planned(client, withBatch(plan, source, row, trusted("'U'"), path), values, { run })
}

async function anyRow(
  client: Client,
  { relation, captured }: PlanSource,
): Promise<readonly (string | null)[]> {
  const texts = captured.map(({ column }, i) => sql`${ident(column)}::text as ${trusted(`c${String(i)}`)}`)
  const [row] = await client.query<Record<string, string | null>>(
    sql`select ${join(texts)} from ${qualified(relation)} limit 1`.text,
  )
  return row === undefined ? captured.map(() => null) : Object.values(row)
}

/** Units that exist, found by the shortest path there is from rows of its source. */
async function sampleUnits(client: Client, plan: Plan): Promise<readonly (readonly string[])[]> {
  const path = plan.paths.toSorted((a, b) => a.hops.length - b.hops.length)[0]
  if (path === undefined) return []
  const source = sourceOf(plan, path)
  const table = qualified(source.relation)
  for (const rows of [
    sql`${table} as t tablesample system (${await share(client, source)}) repeatable (1)`,
    sql`${table} as t`,
  ]) {
    const limited = sql`(select * from ${rows} limit ${trusted(String(SAMPLES))}) as t`
    const found = await client.query<Record<string, string | null>>(
      `select distinct ${asTexts(plan).text} from (${withBatch(plan, source, limited, trusted("'I'"), path)}) as units limit ${String(SAMPLES)}`,
    )
    const units = found.map((it) => Object.values(it)).filter((unit) => unit.every((it) => it !== null))
    if (units.length > 0) return units.map((unit) => unit.map(String))
  }
  return []
}

function asTexts({ unit }: Plan): Sql {
  return join(
    unit.map((_, i) => {
      const name = trusted(`u${String(i + 1)}`)
      return sql`${name}::text as ${name}`
    }),
  )
}

/** The path with a window of its own: each of the rows as if it had just been changed, to what it is. */
function withBatch(
  { sources }: Plan,
  { relation, captured }: PlanSource,
  rows: Sql,
  op: Sql,
  { sql: path }: PlanPath,
): string {
  const others = sources.filter((it) => it.relation.name !== relation.name)
  const images = captured.flatMap(({ column }) => {
    const value = sql`t.${ident(column)}`
    return [sql`${value} as ${ident(oldColumn(column))}`, sql`${value} as ${ident(newColumn(column))}`]
  })
  const columns = join([sql`${op}::text as op`, trusted('-1::bigint as changed'), ...images])
  // Materialized: as in a drain, the planner does not know the values.
  return sql`with batch as materialized (
select ${columns}
from ${rows}
)${join(others.map(unchanged), '')}
${trusted(path)}`.text
}

/** A window in which nothing has changed, of a table on the way that a path also reads as it was. */
function unchanged({ relation, captured }: PlanSource): Sql {
  const images = captured.flatMap(({ column, type }) =>
    [oldColumn(column), newColumn(column)].map((name) => sql`null::${trusted(type)} as ${ident(name)}`),
  )
  return sql`,
${ident(`batch of ${relation.name}`)} as (
select ${join([trusted("'U'::text as op"), trusted('-1::bigint as changed'), ...images])}
where false
)`
}

function sourceOf({ sources }: Plan, { source }: PlanPath): PlanSource {
  const found = sources.find(({ relation }) => isSameName(relation, source))
  if (found === undefined) throw new Error(`a path from ${source.name}, which is no source`)
  return found
}

/** The share of a table, in percent, that has about as many pages as are wanted. */
async function share(client: Client, { relation }: PlanSource): Promise<Sql> {
  const [row] = await client.query<{ share: string }>(
    `select least(100, 100.0 * ${String(SAMPLED_PAGES)} / greatest(1, pg_relation_size($1::text::regclass) / 8192))::float8::text as share`,
    [qualified(relation).text],
  )
  return trusted(row?.share ?? '100')
}
