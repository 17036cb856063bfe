import { expect } from 'vitest'
import type { Client } from '../../src/pg/client.ts'
import { verify } from '../../src/verify/verify.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import type { Process } from './process.ts'
import { until } from './until.ts'

export async function expectSays(process: Process, text: string): Promise<void> {
  expect(await process.says(text), `the process says "${text}"`).toBe(true)
}

/** Waits until the worker has drained all that was written, and then until nothing is left pending. */
export async function untilDrained(client: Client, models: readonly InstalledModel[]): Promise<void> {
  await until(async () => (await verify(client, models)).every(({ queued }) => queued === 0))
}

/**
 * Runs something while the worker is in the middle of a drain: it has read its window and waits for a stored table that
 * somebody holds. `pid` is the worker's backend.
 */
export async function inMidDrain(
  holder: Client,
  model: InstalledModel,
  act: (pid: number) => Promise<void>,
): Promise<void> {
  await holder.query(`begin; lock table millrace."${model.storage}" in exclusive mode`)
  let pid: number | undefined
  await until(async () => {
    const [waiting] = await holder.query<{ pid: number }>(
      `select pid from pg_locks where relation = 'millrace."${model.storage}"'::regclass and not granted`,
    )
    pid = waiting?.pid
    return pid !== undefined
  })
  await act(pid ?? 0)
  await holder.query('commit')
}
