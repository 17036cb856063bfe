import type { Plan } from '../../../src/compile/plan.ts'
import type { Client } from '../../../src/pg/client.ts'
import { hasSqlState } from '../../../src/pg/errors.ts'
import { ident, join, sql, trusted, type Sql } from '../../../src/sql/sql.ts'
import type { InstalledModel } from '../../../src/work/model.ts'
import type { Difference } from '../compare.ts'
import type { Random } from '../random.ts'
import type { FailingKeys, ImmediateModel } from './models.ts'

/** An immediate model as it is installed; or an eventual one, of which only strict reads are checked. */
export interface Checked extends InstalledModel {
  readonly immediate: ImmediateModel | undefined
}

/** Rows that only one of two queries has, as text: 1.0 is not 1.00. Each query is evaluated once. */
function differing(a: Sql, b: Sql): Sql {
  return sql`select t.row, sum(t.side) as side
from (select a::text as row, 1 as side from (${a}) a union all select b::text, -1 from (${b}) b) t
group by t.row
having sum(t.side) <> 0`
}

/** What readers see under a name, and what the query says; keys that cannot be computed left out of both. */
function sides(plan: Plan, from: Sql, failing: FailingKeys | undefined): readonly [Sql, Sql] {
  const query = trusted(failing?.others ?? plan.query)
  if (failing === undefined) return [sql`select * from ${from}`, query]
  const key = ident('r', plan.key[0] ?? '')
  return [sql`select r.* from ${from} r where ${key} not in (${trusted(failing.keys)})`, query]
}

function readBy({ schema, name }: Plan['model']): Sql {
  return ident(schema, name)
}

export type Reading = 'plain' | 'strict'

/** Prepares, for one session, a statement for each way to read that names the models of which something differs. */
export async function prepareChecks(client: Client, models: readonly Checked[]): Promise<void> {
  await client.query(
    `prepare check_plain as ${allDiffering(
      models.filter((it) => it.immediate),
      'plain',
    )}`,
  )
  // The strict view of all keys raises where one of them cannot be computed.
  const whole = models.filter((it) => it.immediate?.failing === undefined)
  await client.query(`prepare check_strict as ${allDiffering(whole, 'strict')}`)
}

function allDiffering(models: readonly Checked[], reading: Reading): string {
  return models
    .map(({ name, plan, immediate }) => {
      const [read, actual] = sides(plan, nameFor(plan, reading), immediate?.failing)
      return sql`select ${trusted(`'${name}'`)} as name where exists (${differing(read, actual)})`.text
    })
    .join('\nunion all\n')
}

function nameFor(plan: Plan, reading: Reading): Sql {
  return readBy(reading === 'plain' ? plan.model : plan.strictView)
}

/** The models of which a read is not what the query says, in the snapshot of the moment. */
export async function findDiffering(
  client: Client,
  models: readonly Checked[],
  reading: Reading,
): Promise<readonly Checked[]> {
  const found = await client.query<{ name: string }>(`execute check_${reading}`)
  return models.filter(({ name }) => found.some((it) => it.name === name))
}

/** The rows that differ. */
export async function differingRows(
  client: Client,
  { plan, immediate }: Checked,
  reading: Reading,
): Promise<readonly Difference[]> {
  const [read, actual] = sides(plan, nameFor(plan, reading), immediate?.failing)
  return await client.query(listed(differing(read, actual)).text)
}

/** Rows of which a plain read is wrong although nothing of their unit is queued or pending. */
export async function unexcusedRows(
  client: Client,
  { plan, immediate }: Checked,
): Promise<readonly Difference[]> {
  const [read, actual] = sides(plan, nameFor(plan, 'plain'), immediate?.failing)
  const isQueued = plan.unit.map(
    ({ name }, i) => sql`d.u${trusted(String(i + 1))} is not distinct from ${ident('x', name)}`,
  )
  const settled = (from: Sql) => sql`select x.* from (${from}) x
where (select is_trusted from millrace_trust) and not exists (select from millrace_dirty d where ${join(isQueued, ' and ')})`
  return await client.query(
    sql`with ${trusted(plan.statements.strict.with)} ${listed(differing(settled(read), settled(actual)))}`
      .text,
  )
}

function listed(rows: Sql): Sql {
  return sql`select case when side > 0 then 'read' else 'true' end as side, d.row from (${rows}) d limit 5`
}

async function keysOf(client: Client, plan: Plan, failing: FailingKeys) {
  const key = ident('o', plan.key[0] ?? '')
  const rows = await client.query<{ key: string; fails: boolean }>(
    sql`select ${key}::text as key, false as fails from (${trusted(failing.others)}) o
        union all select f.key::text, true from (${trusted(failing.keys)}) f`.text,
  )
  const of = (fails: boolean) => rows.filter((it) => it.fails === fails).map((it) => it.key)
  return { computable: of(false), failing: of(true) }
}

const DIVISION_BY_ZERO = '22012'

/**
 * Strict reads by key of a model that cannot compute some: such a key raises its own error, and no other key does. The
 * caller's transaction is in a snapshot of its own and goes on after an error.
 */
export async function checkStrictKeys(
  client: Client,
  { plan, immediate }: Checked,
  random: Random,
): Promise<{ readonly rows: readonly Difference[]; readonly raised: number }> {
  const failing = immediate?.failing
  if (failing === undefined) return { rows: [], raised: 0 }
  const keys = await keysOf(client, plan, failing)
  const rows: Difference[] = []
  let raised = 0
  if (keys.computable.length > 0) {
    const one = literalOf(random.pick(keys.computable))
    const only = (from: Sql) => sql`select * from ${from} r where ${ident('r', plan.key[0] ?? '')} = ${one}`
    const others = only(sql`(${trusted(failing.others)})`)
    rows.push(...(await client.query(differing(only(readBy(plan.strictView)), others).text)))
  }
  if (keys.failing.length > 0) {
    const one = random.pick(keys.failing)
    if (await raises(client, plan, literalOf(one))) raised += 1
    else rows.push({ side: 'read strictly without an error', row: one })
  }
  return { rows, raised }
}

async function raises(client: Client, plan: Plan, key: Sql): Promise<boolean> {
  await client.query('savepoint before_error')
  try {
    await client.query(
      sql`select * from ${readBy(plan.strictView)} r where ${ident('r', plan.key[0] ?? '')} = ${key}`.text,
    )
    return false
  } catch (error) {
    if (!hasSqlState(error, DIVISION_BY_ZERO)) throw error
    return true
  } finally {
    await client.query('rollback to savepoint before_error')
  }
}

function literalOf(key: string): Sql {
  return trusted(`'${key}'`)
}
