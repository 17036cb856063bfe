import { queryRows, sqlStateOf, type Queryable } from '../client/queryable.ts'
import { MillraceError } from '../errors.ts'
import { PINNED_SETTINGS, type Client } from '../pg/client.ts'
import { madeOf, type TestDatabase } from './test-database.ts'

/** A test database, or the client on which a test has opened the transaction that it will roll back. */
export type Place = TestDatabase | Queryable

/** Runs `use` where the test is: with a connection of Millrace's own, or within the test's transaction. */
export async function inPlace<T>(
  place: Place,
  {
    own,
    within,
  }: {
    own: (made: NonNullable<ReturnType<typeof madeOf>>) => Promise<T>
    within: (client: Client) => Promise<T>
  },
): Promise<T> {
  const made = madeOf(place)
  if (made !== undefined) return await own(made)
  return await withPinned(clientOf(place), within)
}

function clientOf(place: Queryable): Client {
  if ('totalCount' in place) {
    throw new MillraceError('BAD_USAGE', {
      detail: 'a pool may run each statement on another connection',
      hint: 'Take a client of the pool, begin a transaction on it, and pass that client.',
    })
  }
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      return [...(await queryRows<Row>(place, text, [...values]))]
    },
  }
}

const NO_TRANSACTION = '25P01'

/**
 * Runs `use` in the transaction that is open, under the settings that everything of Millrace runs under, and puts the test's own
 * back. What it did is undone if it fails.
 */
async function withPinned<T>(client: Client, use: (client: Client) => Promise<T>): Promise<T> {
  await begin(client)
  try {
    const before = await client.query<{ name: string; value: string }>(
      'select name, current_setting(name) as value from unnest($1::text[]) as name',
      [Object.keys(PINNED_SETTINGS)],
    )
    await setAll(client, Object.entries(PINNED_SETTINGS))
    const result = await use(client)
    await setAll(
      client,
      before.map(({ name, value }) => [name, value]),
    )
    await client.query('release savepoint millrace_testing')
    return result
  } catch (error) {
    await client.query('rollback to savepoint millrace_testing').catch(() => undefined)
    throw error
  }
}

async function begin(client: Client): Promise<void> {
  try {
    await client.query('savepoint millrace_testing')
  } catch (error) {
    if (sqlStateOf(error) !== NO_TRANSACTION) throw error
    throw new MillraceError('BAD_USAGE', {
      detail: 'no transaction is open on this client',
      hint: 'Begin one, or pass the test database itself.',
      cause: error,
    })
  }
}

async function setAll(client: Client, settings: readonly (readonly [string, string])[]): Promise<void> {
  for (const [name, value] of settings) await client.query('select set_config($1, $2, true)', [name, value])
}
