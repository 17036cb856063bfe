import type { Plan, PlanPath, RelationName } from '../../../src/compile/plan.ts'
import { readerWindow, windowOf } from '../../../src/compile/window.ts'
import type { Client } from '../../../src/pg/client.ts'
import { ident, join, sql, trusted } from '../../../src/sql/sql.ts'

/** How many units each path of a model finds in what has been queued since its last drain, in the order of the paths. */
export async function unitsFound(client: Client, plan: Plan): Promise<readonly number[]> {
  const counts: number[] = []
  for (const path of plan.paths) counts.push(await unitsOf(client, plan, path))
  return counts
}

/** A path names the window of its own source `batch`, and those of the tables on the way `batch of …`. */
async function unitsOf(client: Client, plan: Plan, path: PlanPath): Promise<number> {
  const isOwn = ({ schema, name }: RelationName) => schema === path.source.schema && name === path.source.name
  const batches = plan.sources.map(({ relation }) => {
    const name = isOwn(relation) ? 'batch' : `batch of ${relation.name}`
    return sql`${ident(name)} as (${windowOf(relation, readerWindow(plan.storage))})`
  })
  const statement = sql`with ${join(batches)} select count(*)::int as units from (select distinct * from (${trusted(path.sql)}) found) units`
  const [row] = await client.query<{ units: number }>(statement.text)
  return row?.units ?? 0
}
