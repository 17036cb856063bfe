import type { Plan } from '../../../src/compile/plan.ts'
import { SHOWN } from '../../../src/compile/immediate/shown-rows.ts'
import type { Client } from '../../../src/pg/client.ts'
import { ident, join, sql, trusted, type Sql } from '../../../src/sql/sql.ts'
import { catchUp } from '../../../src/work/drain-all.ts'
import type { DrainOptions } from '../../../src/work/drain.ts'
import type { InstalledModel } from '../../../src/work/model.ts'

/** A kept query: the user's own text beside what was made of it. */
export interface Kept {
  readonly text: string
  readonly plan: Plan
}

export interface Difference {
  readonly side: string
  readonly row: string
}

/**
 * Rows that are stored, or read strictly, and that the user's own SELECT does not give, or the other way round, as multisets
 * of their text. One statement, so one snapshot.
 */
export async function findDifferences(
  client: Client,
  { text, plan }: Kept,
  { isDrained }: { readonly isDrained: boolean },
): Promise<readonly Difference[]> {
  const live = sql`select * from (\n${trusted(text)}\n) "the query"`
  const strict = sql`select * from ${ident(plan.strictView.schema, plan.strictView.name)}`
  const parts = [
    ...difference('strict', sql`select * from strict`, sql`select * from live`),
    ...(isDrained ? [...(isTimed(plan) ? [] : differenceOfStored(plan)), ...waiting(plan)] : []),
  ]
  const statement = sql`with live as materialized (${live}),
strict as materialized (${strict}),
stored as materialized (${storedRows(plan)})
${join(parts, '\nunion all\n')}
limit 8`
  return await client.query<Difference & object>(statement.text)
}

/** What a drain has just stored, in its own snapshot. */
export async function findStoredDifferences(
  client: Client,
  { text, plan }: Kept,
): Promise<readonly Difference[]> {
  const statement = sql`with live as materialized (select * from (\n${trusted(text)}\n) "the query"),
stored as materialized (${storedRows(plan)})
${join(differenceOfStored(plan), '\nunion all\n')}
limit 8`
  return await client.query<Difference & object>(statement.text)
}

/** Its rows change as time passes: what is stored is right as of the drain. */
function isTimed({ clocks }: Plan): boolean {
  return clocks.length > 0
}

/**
 * Drains until nothing waits: of a model that changes as time passes also what has come meanwhile, and each drain is looked at in its own
 * snapshot.
 */
export async function drainAndCompare(
  worker: Client,
  kept: Kept,
  model: InstalledModel,
  options: DrainOptions = {},
): Promise<{ readonly rows: readonly Difference[]; readonly rowsChanged: number }> {
  const rows: Difference[] = []
  const beforeCommit = async (client: Client) => {
    rows.push(...(await findStoredDifferences(client, kept)))
  }
  let rowsChanged = 0
  await catchUp(worker, model, {
    ...options,
    ...(isTimed(kept.plan) ? { beforeCommit } : {}),
    onDrain: (_, result) => (rowsChanged += result.rowsChanged),
  })
  return { rows, rowsChanged }
}

function differenceOfStored(plan: Plan): readonly Sql[] {
  return difference('stored', settled(plan, 'stored'), settled(plan, 'live'))
}

function difference(name: string, found: Sql, wanted: Sql): readonly Sql[] {
  const rows = (from: Sql) => sql`select "a row"::text as row from (${from}) "a row"`
  const side = (what: string) => trusted(`'${name}: ${what}'`)
  return [
    sql`select ${side('too much')} as side, row from (${rows(found)} except all ${rows(wanted)}) "too much"`,
    sql`select ${side('missing')} as side, row from (${rows(wanted)} except all ${rows(found)}) "missing"`,
  ]
}

function storedRows({ storage, columns }: Plan): Sql {
  const visible = join(columns.filter(({ hidden }) => !hidden).map(({ name }) => ident(name)))
  const shown = columns.some(({ name }) => name === SHOWN) ? sql` where ${ident(SHOWN)}` : sql``
  return sql`select ${visible} from ${ident(storage.schema, storage.name)}${shown}`
}

/** Rows of units that do not wait. */
function settled(plan: Plan, from: string): Sql {
  return sql`select x.* from ${ident(from)} x where not exists (select from ${pendingTable(plan)} p where ${sameUnit(plan)})`
}

/** Units that wait with no error, or with an error for which there is no reason: no two rows have one key. */
function waiting(plan: Plan): readonly Sql[] {
  const key = join(plan.key.map((name) => ident('x', name)))
  const twice = sql`select from live x where ${sameUnit(plan)} group by ${key} having count(*) > 1`
  return [
    sql`select 'still waiting' as side, p::text as row from ${pendingTable(plan)} p where error is null`,
    sql`select 'set aside without reason' as side, p::text as row from ${pendingTable(plan)} p where error is not null and not exists (${twice})`,
  ]
}

function pendingTable({ pending }: Plan): Sql {
  return ident(pending.schema, pending.name)
}

function sameUnit({ unit }: Plan): Sql {
  const same = unit.map(
    ({ name }, i) => sql`p.${ident(`u${String(i + 1)}`)} is not distinct from ${ident('x', name)}`,
  )
  return join(same, ' and ')
}
