import { readFile } from 'node:fs/promises'
import { MillraceError } from '../../errors.ts'
import { failPoint } from '../../fail-points.ts'
import { withTransaction, type Client } from '../../pg/client.ts'
import { hasSqlState, isDatabaseError, SQLSTATE } from '../../pg/errors.ts'
import { splitStatements, type SplitStatement } from '../../sql/parse.ts'
import { withLockRetry, type LockRetry } from '../lock-retry.ts'

export interface RunFileOptions {
  readonly lock: LockRetry
  /** What belongs into the transaction with the statements, after them. */
  readonly after: (startedAt: number) => Promise<void>
  /** Called before each statement, and after the last. */
  readonly onStatement?: ((done: number, total: number) => void) | undefined
}

/**
 * Runs a file of SQL statement by statement in one transaction: all of it, or nothing. It waits for locks briefly, and begins
 * again when one was not to be had.
 */
export async function runFile(client: Client, file: string, options: RunFileOptions): Promise<void> {
  const text = await readFile(file, 'utf8')
  const statements = statementsOf(text, file)
  await withLockRetry(options.lock, async () => {
    const startedAt = performance.now()
    await withTransaction(client, {}, async () => {
      await client.query(`set local lock_timeout = ${String(options.lock.timeoutMs)}`)
      for (const [i, statement] of statements.entries()) {
        options.onStatement?.(i, statements.length)
        await runStatement(client, statement, { text, file })
        await failPoint('file.statement-run')
      }
      await options.after(startedAt)
    })
    options.onStatement?.(statements.length, statements.length)
  })
  await failPoint('file.applied')
}

function statementsOf(text: string, file: string): readonly SplitStatement[] {
  const outcome = splitStatements(text)
  if (outcome.kind === 'statements') return outcome.statements
  const { message, position } = outcome.problem
  throw new MillraceError('MIGRATION_FAILED', { detail: message, ...placed({ text, file }, position) })
}

interface Written {
  readonly text: string
  readonly file: string
}

async function runStatement(
  client: Client,
  { text: sql, position }: SplitStatement,
  written: Written,
): Promise<void> {
  try {
    await client.query(sql)
  } catch (error) {
    const isRetried = hasSqlState(error, SQLSTATE.LOCK_NOT_AVAILABLE, SQLSTATE.DEADLOCK_DETECTED)
    if (isRetried || hasSqlState(error, SQLSTATE.QUERY_CANCELED) || !isDatabaseError(error)) throw error
    throw new MillraceError('MIGRATION_FAILED', {
      detail: [error.message, error.detail].filter((it) => it !== undefined).join('\n'),
      hint: error.hint ?? 'Nothing of this file has been done. Run the command again when it can be.',
      ...placed(written, position + Math.max(0, Number(error.position ?? 1) - 1)),
      cause: error,
    })
  }
}

function placed({ text, file }: Written, position: number) {
  return { source: text, position, file: `${file}:1` }
}
