import { MillraceError } from '../errors.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { hasSqlState, isDatabaseError, SQLSTATE } from '../pg/errors.ts'
import { displayName } from '../sql/names.ts'
import { ident, sql, trusted } from '../sql/sql.ts'
import { withInstallLock } from './install-lock.ts'
import { withLockRetry, type LockRetry } from './lock-retry.ts'
import { FORGET_SET_ASIDE, SET_ASIDE } from './set-aside.sql.ts'

/** A view, materialized view or table of the team's own that a read model has taken the place of. */
export interface SetAside {
  readonly schema: string
  /** The read model's, which was its own. */
  readonly name: string
  readonly kind: string
  /** Its name now. */
  readonly aside: string
  /** The disabled triggers that kept it, unless others need them: tables as they are written, and bare names. */
  readonly triggers: readonly { readonly table: string; readonly trigger: string }[]
}

export async function readSetAside(client: Client): Promise<readonly SetAside[]> {
  const [found] = await client.query<{ exists: boolean }>(
    `select to_regclass('millrace.taken_over') is not null as exists`,
  )
  return found?.exists === true ? await client.query<SetAside & object>(SET_ASIDE) : []
}

/**
 * Drops what read models have taken the place of, with the disabled triggers that kept it: nothing comes back when they are removed.
 * `isMeant`: which ones. → what was dropped
 */
export async function dropSetAside(
  client: Client,
  isMeant: (it: SetAside) => boolean,
  lock: LockRetry,
): Promise<readonly SetAside[]> {
  return await withInstallLock(client, lock, async () => {
    const dropped: SetAside[] = []
    for (;;) {
      // Read again each time: of two that share a trigger the last one takes it along.
      const it = (await readSetAside(client)).find(isMeant)
      if (it === undefined) return dropped
      await withLockRetry(lock, () => dropOne(client, it, lock))
      dropped.push(it)
    }
  })
}

async function dropOne(client: Client, it: SetAside, { timeoutMs }: LockRetry): Promise<void> {
  try {
    await withTransaction(client, {}, async () => {
      await client.query(`set local lock_timeout = ${String(timeoutMs)}`)
      for (const { table, trigger } of it.triggers)
        await client.query(sql`drop trigger if exists ${ident(trigger)} on ${trusted(table)}`.text)
      await client.query(sql`drop ${trusted(it.kind)} if exists ${ident(it.schema, it.aside)}`.text)
      await client.query(FORGET_SET_ASIDE, [it.schema, it.name])
    })
  } catch (error) {
    if (!hasSqlState(error, SQLSTATE.DEPENDENT_OBJECTS_STILL_EXIST) || !isDatabaseError(error)) throw error
    throw new MillraceError('REPLACED_IS_USED', {
      detail: `${displayName({ schema: it.schema, name: it.aside })}: ${error.detail ?? error.message}`,
      hint: 'Drop what stands on it, or make it again on the read model, before.',
      cause: error,
    })
  }
}
