/**
 * What runs a statement: a client or a pool of `pg` as it is, or two lines around anything else that can. Rows come back
 * as an array or in `rows`.
 *
 * ```ts
 * const viaPrisma = { query: (text, values = []) => tx.$queryRawUnsafe(text, ...values) }
 * ```
 */
export interface Queryable {
  /** Runs one statement, with `$1` and so on for the values. */
  query(text: string, values?: unknown[]): Promise<QueriedRows>
}

/** What a statement gave back: rows, or a result that has them. */
export type QueriedRows =
  | readonly unknown[]
  | {
      /** In the order in which they came, by the names of their columns. */
      readonly rows: readonly unknown[]
    }

/** The rows of a statement that Millrace wrote itself, and so knows the columns of. */
export async function queryRows<Row extends object>(
  client: Queryable,
  text: string,
  values: unknown[] = [],
): Promise<readonly Row[]> {
  const result = await client.query(text, values)
  return ('rows' in result ? result.rows : result) as readonly Row[]
}

/** The server's code of an error, also where a query builder has wrapped it: as `cause`, or as Prisma does in `meta`. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!isObject(error)) return undefined
  const inner = sqlStateOf(error['meta'] ?? error['cause'])
  if (inner !== undefined) return inner
  const { code } = error
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
