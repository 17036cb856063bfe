import { analyze } from '../analyze/analyze.ts'
import type { Schedule } from '../define/schedule.ts'
import { understand, type CompileOptions } from '../migrate/compile-model.ts'
import { compileRefreshed, type RefreshedDefinition } from '../migrate/compile-refreshed.ts'
import type { Client } from '../pg/client.ts'
import { planned, type Planned } from './planned.ts'
import { readStatistics } from './statistics.ts'
import type { NamedStatement } from './statements-of.ts'

/** How a read model is refreshed as a whole: there is no path to describe, and every refresh costs the same. */
export interface RefreshedDescription {
  readonly key: readonly string[]
  readonly freshness: Schedule
  /** Why its changes cannot be followed; empty where they could. */
  readonly because: readonly string[]
  /** Tables and views that it reads, with their rows as the planner has them. */
  readonly reads: readonly { readonly table: string; readonly rows: number | null }[]
  /** Evaluating the query, which each refresh does once. */
  readonly whole: Pick<Planned, 'cost' | 'rows'>
  readonly query: string
  readonly statements: readonly NamedStatement[]
}

export async function describeRefreshed(
  client: Client,
  definition: RefreshedDefinition,
  options: CompileOptions = {},
): Promise<RefreshedDescription> {
  const { plan } = await compileRefreshed(client, definition, options)
  const { query } = await understand(client, definition, options)
  const outcome = analyze(query, definition.key)
  const statistics = await readStatistics(client, plan.reads)
  const { cost, rows } = await planned(client, plan.query, [])
  return {
    key: plan.key,
    freshness: definition.schedule,
    because: outcome.kind === 'refused' ? outcome.refusals.map(({ detail }) => detail) : [],
    reads: statistics.map((it) => ({ table: `${it.relation.schema}.${it.relation.name}`, rows: it.rows })),
    whole: { cost, rows },
    query: plan.query,
    statements: [
      { name: 'refresh', sql: plan.statements.refresh },
      { name: 'compare', sql: plan.statements.compare },
    ],
  }
}
