import type { Plan } from '../compile/plan.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { attempt } from './attempt.ts'
import { setAside } from './drain.sql.ts'
import { FEW, queryByRows } from './kept-plans.ts'

/** The values of one unit's columns, as text. */
export type UnitValues = readonly (string | null)[]

export interface Recomputed {
  readonly rowsChanged: number
  readonly failed: readonly { readonly unit: UnitValues; readonly error: string }[]
}

const NOTHING: Recomputed = { rowsChanged: 0, failed: [] }

/**
 * Makes the stored rows of the units equal to the query. A unit whose rows cannot be computed is found by halving the
 * batch, and set aside with its error; all others are kept.
 */
export async function recomputeUnits(
  client: Client,
  plan: Plan,
  units: readonly UnitValues[],
): Promise<Recomputed> {
  let total = NOTHING
  for (const { nulls, sql } of plan.statements.recompute) {
    const batch = units.filter((unit) => unit.every((value, i) => (value === null) === nulls[i]))
    if (batch.length > 0) total = add(total, await recomputeBatch(client, plan, nulls, sql, batch))
  }
  return total
}

async function recomputeBatch(
  client: Client,
  plan: Plan,
  nulls: readonly boolean[],
  statement: string,
  batch: readonly UnitValues[],
): Promise<Recomputed> {
  const result = await attempt(client, () => runRecompute(client, plan, nulls, statement, batch))
  if ('value' in result) return { rowsChanged: result.value, failed: [] }

  const { message } = result.error
  const [only] = batch
  if (batch.length === 1 && only !== undefined) {
    await client.query(setAside(plan), [...only, message])
    return { rowsChanged: 0, failed: [{ unit: only, error: message }] }
  }
  const middle = Math.ceil(batch.length / 2)
  const first = await recomputeBatch(client, plan, nulls, statement, batch.slice(0, middle))
  return add(first, await recomputeBatch(client, plan, nulls, statement, batch.slice(middle)))
}

async function runRecompute(
  client: Client,
  plan: Plan,
  nulls: readonly boolean[],
  statement: string,
  batch: readonly UnitValues[],
): Promise<number> {
  const [result] = await queryByRows<{ written: number; removed: number; duplicates: unknown }>(
    client,
    statement,
    batchParameters(nulls, batch),
    { few: batch.length <= FEW },
  )
  if (result === undefined) throw new Error('the recompute returned no row')
  if (result.duplicates !== null) {
    throw new MillraceError('KEY_NOT_UNIQUE', {
      detail: `${plan.model.schema}.${plan.model.name} has more than one row for ${JSON.stringify(result.duplicates)}`,
      hint: 'Add columns to the key until it identifies one row.',
    })
  }
  return result.written + result.removed
}

/** One `text[]` for each unit column that is not null in this pattern. */
export function batchParameters(
  nulls: readonly boolean[],
  batch: readonly UnitValues[],
): readonly (readonly string[])[] {
  return nulls.flatMap((isNull, i) => (isNull ? [] : [batch.map((unit) => unit[i] ?? '')]))
}
function add(a: Recomputed, b: Recomputed): Recomputed {
  return { rowsChanged: a.rowsChanged + b.rowsChanged, failed: [...a.failed, ...b.failed] }
}
