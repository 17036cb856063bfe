import type { Client } from '../../pg/client.ts'
import { loadParser } from '../../sql/parse.ts'
import { withInstallLock } from '../install-lock.ts'
import type { LockRetry } from '../lock-retry.ts'
import { historyOf, requireSound, type HistoryEntry } from './history.ts'
import { makeLedger, readLedger } from './ledger.ts'
import { RECORD } from './ledger.sql.ts'
import { readPairs, type Pair } from './pairs.ts'
import { runFile } from './run-file.ts'

export interface RunFilesOptions {
  readonly lock: LockRetry
  /** Of the program: the ledger keeps it. */
  readonly version: string
  /** Called as a file is run: its statements that are done, and how many there are. */
  readonly onStatement?: ((name: string, done: number, total: number) => void) | undefined
}

/**
 * Runs the migrations that wait, each with its line of the ledger in one transaction, so that a second call goes on wherever the
 * first one ended. → their names
 */
export async function applyFiles(
  client: Client,
  directory: string,
  options: RunFilesOptions,
): Promise<readonly string[]> {
  await loadParser()
  return await withInstallLock(client, options.lock, async () => {
    const history = historyOf(await readPairs(directory), await readLedger(client))
    requireSound(history)
    const pending = history.flatMap(({ state, pair }) => (state === 'pending' && pair !== null ? [pair] : []))
    if (pending.length > 0) await makeLedger(client)
    for (const pair of pending) await applyPair(client, pair, options)
    return pending.map(({ name }) => name)
  })
}

async function applyPair(client: Client, pair: Pair, options: RunFilesOptions): Promise<void> {
  const { lock, version, onStatement } = options
  await runFile(client, pair.up, {
    lock,
    onStatement: (done, total) => onStatement?.(pair.name, done, total),
    after: async (startedAt) => {
      const durationMs = Math.round(performance.now() - startedAt)
      await client.query(RECORD, [pair.name, pair.checksum, durationMs, version])
    },
  })
}

/** What the directory and the ledger together say, nothing being changed. */
export async function readHistory(client: Client, directory: string): Promise<readonly HistoryEntry[]> {
  return historyOf(await readPairs(directory), await readLedger(client))
}
