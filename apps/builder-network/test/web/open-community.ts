import { startWorker } from 'millrace'
import { afterAll, beforeAll, expect } from 'vitest'
import type { TestDatabase } from '../../../../test/support/database.ts'
import { withClient } from '../../src/database.ts'
import { createCommunity } from '../community.ts'
import { openWeb } from './visitor.ts'

export interface OpenCommunity {
  readonly web: ReturnType<typeof openWeb>
  readonly database: TestDatabase
  /** Rows of a statement, as the superuser. */
  readonly ask: <Row extends object>(text: string, values?: unknown[]) => Promise<readonly Row[]>
}

/**
 * The application before a community with its worker, for all tests of a file; it is there when the first of them runs. Errors that are
 * nobody's fault fail the file.
 */
export function openCommunity(): OpenCommunity {
  const open: Partial<OpenCommunity> = {}
  let stopWorker = async () => Promise.resolve()
  beforeAll(async () => {
    const database = await createCommunity()
    const worker = startWorker({ database: database.url('worker') })
    stopWorker = async () => {
      await worker.stop()
    }
    Object.assign(open, {
      database,
      web: openWeb(database.url('writer'), { liveUrl: database.url('worker') }),
      ask: async (text: string, values?: unknown[]) =>
        await withClient(
          database.url('superuser'),
          async (client) => (await client.query(text, values)).rows as object[],
        ),
    })
  })
  afterAll(async () => {
    await open.web?.close()
    await stopWorker()
    expect(open.web?.errors).toEqual([])
  })
  return open as OpenCommunity
}
