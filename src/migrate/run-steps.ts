import { MillraceError } from '../errors.ts'
import { failPoint, type FailPoint } from '../fail-points.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { ADOPT_PARTITIONS } from '../work/partitions.ts'
import { withLockRetry, type LockRetry } from './lock-retry.ts'
import type { Step } from './step.ts'

/** Runs steps one after the other, each in a transaction of its own that waits for no lock for long, and is tried again. */
export async function runSteps(
  client: Client,
  steps: readonly Step[],
  retry: LockRetry,
  point?: FailPoint,
): Promise<void> {
  for (const step of steps) {
    if (step.inTransaction) await runInTransaction(client, step.statements, retry)
    else await runOutside(client, step.statements, retry)
    if (point !== undefined) await failPoint(point)
  }
}

/** Statements that belong together. `also`: what else is done in their transaction, after them. */
export async function runInTransaction(
  client: Client,
  statements: readonly string[],
  retry: LockRetry,
): Promise<void> {
  if (statements.length === 0) return
  await withLockRetry(retry, () => runTogether(client, statements, retry.timeoutMs))
}

/** The same, once. */
export async function runTogether(
  client: Client,
  statements: readonly string[],
  lockTimeoutMs: number,
): Promise<void> {
  await withTransaction(client, {}, async () => {
    await client.query(`set local lock_timeout = ${String(lockTimeoutMs)}`)
    for (const statement of statements) await runStatement(client, statement)
  })
}

async function runOutside(client: Client, statements: readonly string[], retry: LockRetry): Promise<void> {
  for (const statement of statements) {
    await withLockRetry(retry, async () => {
      await client.query(statement)
    })
  }
}

async function runStatement(client: Client, statement: string): Promise<void> {
  const rows = await client.query<{ partition: string; problem: string | null }>(statement)
  if (statement !== ADOPT_PARTITIONS) return
  const left = rows.find(({ problem }) => problem !== null)
  if (left === undefined) return
  throw new MillraceError('PRIVILEGE_MISSING', {
    detail: `${left.partition}: ${left.problem ?? ''}`,
    hint: `Run as the partition's owner: grant trigger on ${left.partition} to the role in the URL.`,
  })
}
