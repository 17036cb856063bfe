import { MillraceError } from '../../errors.ts'
import { failPoint } from '../../fail-points.ts'
import { hasSqlState, isDatabaseError, SQLSTATE } from '../../pg/errors.ts'
import { withTransaction, type Client } from '../../pg/client.ts'
import { ident, join, sql } from '../../sql/sql.ts'
import { dropEmptyHome } from '../install.ts'
import { withInstallLock } from '../install-lock.ts'
import { LOCK_RETRY, withLockRetry, type LockRetry } from '../lock-retry.ts'
import { installSchema } from '../schema.ts'
import type { Step } from '../step.ts'

export interface RunOptions {
  readonly searchPath?: readonly string[] | undefined
  readonly retry?: LockRetry | undefined
  readonly signal?: AbortSignal | undefined
  /** All of them in one transaction. */
  readonly isAtOnce?: boolean | undefined
}

/** Runs steps of objects, one or all in a transaction: what is recorded has been done, so an interrupted run goes on. */
export async function runObjectSteps(
  client: Client,
  steps: readonly Step[],
  { searchPath, retry = LOCK_RETRY, signal, isAtOnce = false }: RunOptions = {},
): Promise<void> {
  if (steps.length === 0) return
  const lock = { ...retry, signal }
  await withInstallLock(client, lock, async () => {
    await installSchema(client)
    for (const together of isAtOnce ? [steps] : steps.map((it) => [it])) {
      await withLockRetry(lock, () =>
        withTransaction(client, {}, async () => {
          await client.query(`set local lock_timeout = ${String(lock.timeoutMs)}`)
          await runInOpen(client, together, searchPath)
        }),
      )
      await failPoint('objects.step-done')
    }
    await dropEmptyHome(client)
  })
}

/** Runs steps in the transaction that is open. */
export async function runInOpen(
  client: Client,
  steps: readonly Step[],
  searchPath: RunOptions['searchPath'],
): Promise<void> {
  for (const step of steps) await run(client, step, searchPath)
}

async function run(
  client: Client,
  { about, statements }: Step,
  searchPath: RunOptions['searchPath'],
): Promise<void> {
  if (searchPath !== undefined)
    await client.query(sql`set local search_path = ${join(searchPath.map((it) => ident(it)))}`.text)
  for (const statement of statements) {
    try {
      await client.query(statement)
    } catch (error) {
      throw refused(error, about, statement)
    }
  }
}

/** A lock that could not be had is tried again; the rest is the author's to mend. */
function refused(error: unknown, about: string, source: string): unknown {
  if (!isDatabaseError(error) || hasSqlState(error, SQLSTATE.LOCK_NOT_AVAILABLE, SQLSTATE.DEADLOCK_DETECTED))
    return error
  const { message, detail, position } = error
  return new MillraceError('OBJECT_REFUSED', {
    detail: `${about}: ${message}${detail === undefined ? '' : ` (${detail})`}`,
    hint: 'Nothing of this object has been changed. Correct its SQL, or what it depends on ("dependsOn").',
    position: position === undefined ? undefined : Number(position) - 1,
    source,
    cause: error,
  })
}
