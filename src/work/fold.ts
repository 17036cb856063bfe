import type { Plan } from '../compile/plan.ts'
import { failPoint } from '../fail-points.ts'
import type { Client } from '../pg/client.ts'
import { attempt } from './attempt.ts'
import { queryByRows } from './kept-plans.ts'

/** What is left of a window when its deltas are added: how the units are found that must be recomputed. */
export interface Folded {
  readonly rows: number
  readonly finders: { readonly resolve: string; readonly spill: string }
}

/**
 * Adds the deltas of a window to the stored rows, and compares those rows that came with the first ones. If the value of some row cannot be computed (a division by the count
 * that has become zero), nothing is added and every unit of the window is recomputed, where errors are told apart.
 */
export async function foldWindow(
  client: Client,
  { statements }: Plan,
  bounds: readonly [snapshot: string | null, horizon: string | null],
  { few }: { readonly few: boolean },
): Promise<Folded> {
  const { fold } = statements
  if (fold === null) return { rows: 0, finders: statements }

  const added = await attempt(client, () => runFold(client, fold, bounds, few))
  await failPoint('drain.folded')
  if ('error' in added) return { rows: 0, finders: fold }
  return { rows: added.value, finders: statements }
}

async function runFold(
  client: Client,
  { add, firsts = [] }: NonNullable<Plan['statements']['fold']>,
  bounds: readonly (string | null)[],
  few: boolean,
): Promise<number> {
  let rows = 0
  for (const statement of [...(add === null ? [] : [add]), ...firsts]) {
    const [written] = await queryByRows<{ rows: number }>(client, statement, bounds, { few })
    rows += written?.rows ?? 0
  }
  return rows
}
