import type { Client } from '../../../src/pg/client.ts'
import { hasSqlState, isDatabaseError, SQLSTATE } from '../../../src/pg/errors.ts'
import { isConflict } from '../conflicts.ts'
import type { Checked } from './reads.ts'
import type { Transaction } from './transactions.ts'

export type End =
  'committed' | 'rolled back' | 'refused' | 'deadlock' | 'serialization failure' | 'broken constraint'

export interface Attempt {
  readonly end: End
  readonly error?: unknown
}

/**
 * Runs one transaction; `look` is called in it, before its end. Errors that a writer must expect are an end like any
 * other: conflicts with other writers, and the refusal of an immediate model that cannot be computed.
 */
export async function attempt(
  client: Client,
  transaction: Transaction,
  name: string,
  models: readonly Checked[],
  look: () => Promise<void>,
): Promise<Attempt> {
  try {
    if (isOneStatement(transaction)) await client.query(transaction.statements.join(';\n'))
    else await runInBlock(client, transaction, name, look)
    return { end: transaction.end.startsWith('rollback') ? 'rolled back' : 'committed' }
  } catch (error) {
    const end = endOf(error, models)
    if (end === undefined) throw error
    await client.query('rollback')
    return { end, error }
  }
}

/** Without BEGIN, as most programs write. */
function isOneStatement({ isolation, statements, end, isSlow }: Transaction): boolean {
  return isolation === 'read committed' && statements.length === 1 && end === 'commit' && !isSlow
}

async function runInBlock(
  client: Client,
  { isolation, statements, isSlow, looks, end }: Transaction,
  name: string,
  look: () => Promise<void>,
): Promise<void> {
  const begin = `begin isolation level ${isolation}`
  if (isSlow) {
    await client.query(begin)
    for (const statement of statements) await client.query(statement)
  } else await client.query([begin, ...statements].join(';\n'))
  if (looks) await look()
  if (end === 'commit' || end === 'rollback') await client.query(end)
  else {
    await client.query(`prepare transaction '${name}'`)
    await client.query(`${end} '${name}'`)
  }
}

function endOf(error: unknown, models: readonly Checked[]): End | undefined {
  if (!isDatabaseError(error)) return undefined
  if (error.code === SQLSTATE.DEADLOCK_DETECTED) return 'deadlock'
  if (error.code === SQLSTATE.SERIALIZATION_FAILURE) return 'serialization failure'
  if (isRefusal(error, models)) return 'refused'
  // The application's tables have constraints that a writer may break; those of Millrace are its own affair.
  return isConflict(error) && error.schema !== 'millrace' ? 'broken constraint' : undefined
}

const DIVISION_BY_ZERO = '22012'

/** The error of the query itself; it names one of the models that may fail a write, and the key. */
function isRefusal(error: Error, models: readonly Checked[]): boolean {
  const text = `${error.message} ${isDatabaseError(error) ? (error.detail ?? '') : ''}`
  return (
    hasSqlState(error, DIVISION_BY_ZERO) &&
    /\d/.test(text) &&
    models.some(
      ({ name, immediate }) => immediate?.failing && immediate.onError === 'fail' && text.includes(name),
    )
  )
}
