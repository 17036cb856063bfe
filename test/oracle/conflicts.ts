import type { Plan } from '../../src/compile/plan.ts'
import type { Client } from '../../src/pg/client.ts'
import { hasSqlState, isDatabaseError, SQLSTATE } from '../../src/pg/errors.ts'
import { tableNamed, TABLES } from './tables.ts'

/** Writers get into each other's way: their transaction has failed, and that is all. */
export function isConflict(error: unknown): boolean {
  const { SERIALIZATION_FAILURE, DEADLOCK_DETECTED, UNIQUE_VIOLATION } = SQLSTATE
  const isReference = isDatabaseError(error) && error.code === '23503'
  return (
    isReference ||
    isServersOwn(error) ||
    hasSqlState(error, SERIALIZATION_FAILURE, DEADLOCK_DETECTED, UNIQUE_VIOLATION)
  )
}

/**
 * Seen once in some million operations on 18.4: two updates and a foreign key's lock meet on one row of the application,
 * and the server gives up on the lock with an internal error. The transaction has failed, as with a deadlock.
 */
function isServersOwn(error: unknown): boolean {
  return isDatabaseError(error) && error.message.startsWith('new multixact has more than one updating member')
}

/**
 * Under REPEATABLE READ a row that another transaction deleted after my snapshot, and that I inserted again, is visible
 * twice; the query then answers by the order of its joins (LESSONS 27). Only then is a difference not ours.
 */
export async function seesRowsTwice(client: Client, plan: Plan): Promise<boolean> {
  const read = plan.sources.map(({ relation }) => relation.name)
  // What a read model comes from that another one reads is not said there.
  const tables = plan.models === undefined ? read.map(tableNamed) : TABLES
  for (const { name, key } of tables) {
    const twice = await client.query(
      `select 1 from ${name} group by ${key.join(', ')} having count(*) > 1 limit 1`,
    )
    if (twice.length > 0) return true
  }
  return false
}
