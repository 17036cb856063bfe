import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { isDatabaseError } from '../pg/errors.ts'

export type Attempt<T> = { readonly value: T } | { readonly error: Error }

/**
 * Runs statements that may fail because of the rows that they meet; then they are undone, and the transaction goes on.
 * An error that has nothing to do with rows is thrown.
 */
export async function attempt<T>(client: Client, run: () => Promise<T>): Promise<Attempt<T>> {
  await client.query('savepoint attempt')
  try {
    const value = await run()
    await client.query('release savepoint attempt')
    return { value }
  } catch (error) {
    if (!isAboutData(error)) throw error
    await client.query('rollback to savepoint attempt')
    return { error }
  }
}

/**
 * Errors that lie in the rows of some unit, so that other units can still be computed: bad values (22), violated
 * constraints (23, 21), limits of a value (54), errors raised on purpose (P0). All others concern the whole drain.
 */
function isAboutData(error: unknown): error is Error {
  if (error instanceof MillraceError) return error.code === 'KEY_NOT_UNIQUE'
  return isDatabaseError(error) && /^(21|22|23|54|P0)/.test(error.code ?? '')
}
