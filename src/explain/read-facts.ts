import type { Plan } from '../compile/plan.ts'
import { neededIndexes } from '../doctor/needed-indexes.ts'
import { writeCost } from '../doctor/write-cost.ts'
import type { Client } from '../pg/client.ts'
import { changeCosts, type CostOptions } from './change-cost.ts'
import type { Facts } from './description.ts'
import { planned } from './planned.ts'
import { readStatistics } from './statistics.ts'

/**
 * Asks the database what a description needs beside the plan. `immediate`: how the same model would be kept if it were
 * immediate. Nothing is written, and the model need not be installed.
 */
export async function readFacts(
  client: Client,
  plan: Plan,
  immediate: Facts['immediate'],
  options: CostOptions = {},
): Promise<Facts> {
  const relations = [
    ...plan.sources.map(({ relation }) => relation),
    ...plan.paths.flatMap(({ hops }) => hops.map(({ relation }) => relation)),
  ]
  return {
    statistics: await readStatistics(client, relations),
    costs: await changeCosts(client, plan, options),
    whole: await planned(client, plan.settings?.query ?? plan.query, []),
    indexes: await neededIndexes(client, plan),
    writers: (await writeCost(client, plan)) ?? null,
    immediate,
  }
}
