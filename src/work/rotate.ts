import type { RelationName } from '../compile/plan.ts'
import { sourcesOf } from '../compile/sources-of.ts'
import { failPoint } from '../fail-points.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { QUEUE_SLOTS, queueName, queueSlotName } from '../sql/names.ts'
import { qualified } from '../sql/sql.ts'
import type { InstalledModel } from './model.ts'
import { emptySlot, isDrained, isWorthEmptying, lockSlot } from './rotate.sql.ts'

/** Long enough to get past readers of milliseconds, short enough not to be felt by those who queue behind the lock. */
const LOCK_TIMEOUT_MS = 60

export interface RotateOptions {
  readonly lockTimeoutMs?: number
  /** For tests: also empties the slot that the clock has chosen, which is as right, only less polite. */
  readonly everySlot?: boolean
}

/** What became of the slots that could be emptied. */
export interface Rotated {
  /** How many slots are empty now that were not before. */
  readonly emptied: number
  /** Slots that a reader or writer held on to: tried again at the next turn. */
  readonly blocked: readonly RelationName[]
}

/** Empties the slots of every queue that no writer uses now and every model has drained. */
export async function rotate(
  client: Client,
  models: readonly InstalledModel[],
  options: RotateOptions = {},
): Promise<Rotated> {
  let total: Rotated = { emptied: 0, blocked: [] }
  for (const source of sourcesOf(models.map(({ plan }) => plan))) {
    const { emptied, blocked } = await rotateQueue(client, source, options)
    total = { emptied: total.emptied + emptied, blocked: [...total.blocked, ...blocked] }
  }
  return total
}

/** Empties the slots of one queue. */
export async function rotateQueue(
  client: Client,
  source: RelationName,
  options: RotateOptions = {},
): Promise<Rotated> {
  const blocked: RelationName[] = []
  let emptied = 0
  for (let slot = 0; slot < QUEUE_SLOTS; slot += 1) {
    const outcome = await rotateSlot(client, source, slot, options)
    if (outcome === 'emptied') emptied += 1
    if (outcome === 'blocked') blocked.push(queueSlotName(source, slot))
  }
  return { emptied, blocked }
}

async function rotateSlot(
  client: Client,
  relation: RelationName,
  index: number,
  options: RotateOptions,
): Promise<'emptied' | 'kept' | 'blocked'> {
  try {
    return (await isEmptied(client, relation, index, options)) ? 'emptied' : 'kept'
  } catch (error) {
    if (hasSqlState(error, SQLSTATE.LOCK_NOT_AVAILABLE, SQLSTATE.DEADLOCK_DETECTED)) return 'blocked'
    // The last model that read the source was removed, and its queue with it, since this worker last looked.
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) return 'kept'
    throw error
  }
}

async function isEmptied(
  client: Client,
  relation: RelationName,
  index: number,
  { lockTimeoutMs = LOCK_TIMEOUT_MS, everySlot = false }: RotateOptions,
): Promise<boolean> {
  const slotName = queueSlotName(relation, index)
  const slot = qualified(slotName)
  const queue = queueName(relation)

  const [look] = await client.query<{ worth: boolean }>(isWorthEmptying(slot), [everySlot ? -1 : index])
  if (look?.worth !== true) return false

  const emptied = await withTransaction(client, { isolation: 'read committed' }, async () => {
    await client.query(`set local lock_timeout = ${String(Math.trunc(lockTimeoutMs))}`)
    await client.query(lockSlot(slot))
    await failPoint('rotate.locked')
    // Only now, with nobody able to add a row, is the answer final.
    const [check] = await client.query<{ drained: boolean }>(isDrained(slot), [
      relation.schema,
      relation.name,
    ])
    if (check?.drained !== true) return false
    for (const statement of emptySlot(slot, qualified(queue), index)) await client.query(statement)
    await failPoint('rotate.truncated')
    return true
  })
  await failPoint('rotate.committed')
  return emptied
}
