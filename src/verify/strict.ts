import { compareStatement } from '../compile/compare.ts'
import type { Plan, PlanColumn } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { ident, join, qualified, sql, trusted } from '../sql/sql.ts'
import { describeDrift, type Drift } from './drift.ts'

/**
 * Compares what a strict read answers with the query itself, in the snapshot of the one statement that does it: right at any
 * moment, in any transaction, whatever is queued. At most `limit` rows that differ.
 */
export async function compareStrict(client: Client, plan: Plan, limit = 20): Promise<readonly Drift[]> {
  const columns = comparedColumns(plan)
  const names = join(columns.map(({ name }) => ident(name)))
  // Of a model that reads others, what they mean and not what they store.
  const query = trusted(plan.chain?.query ?? plan.query)
  const statement = compareStatement({
    with: trusted(''),
    stored: sql`select ${names} from ${qualified(plan.strictView)}`,
    actual: sql`select ${names} from (${query}) as q`,
    columns,
    key: plan.key,
    limit: trusted(String(limit)),
  })
  return (await client.query<Parameters<typeof describeDrift>[0]>(statement)).map(describeDrift)
}

/** Columns that readers see and the query has: a decayed score is a float, and its last digits depend on how it is computed. */
function comparedColumns({ columns, decays = [] }: Plan): readonly PlanColumn[] {
  const moving = decays.flatMap(({ column, score }) => [column, score])
  return columns.filter(({ name, hidden }) => !hidden && !moving.includes(name))
}
