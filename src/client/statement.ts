import { statementName } from '../sql/names.ts'
import { sqlStateOf, queryRows, type Queryable } from './queryable.ts'

/** How the client sends its statements. */
export interface StatementOptions {
  /**
   * Whether statements are prepared under names, once for each connection: planning is then left out of all but the first calls.
   * Where nothing is said they are with `pg`, whose query can be given a name. Write false behind a pooler that shares connections
   * out by the transaction and does not follow prepared statements (PgBouncer before 1.21, or with max_prepared_statements = 0).
   */
  readonly prepare?: boolean | undefined
}

/** Runs one statement and returns its rows. */
export type Ask = <Row extends object>(text: string, values: readonly unknown[]) => Promise<readonly Row[]>

const CHANGED_RESULT = '0A000'

/**
 * How statements are run. A prepared one whose columns have changed since, for the read model has a new version, is prepared anew
 * under the next name.
 */
export function asking(client: Queryable, { prepare = isPg(client) }: StatementOptions): Ask {
  let generation = 0
  const ask: Ask = async (text, values) => {
    if (!prepare) return await queryRows(client, text, [...values])
    const asked = generation
    try {
      return await queryNamed(client, { name: statementName(text, asked), text, values: [...values] })
    } catch (error) {
      if (sqlStateOf(error) !== CHANGED_RESULT) throw error
      generation = Math.max(generation, asked + 1)
      try {
        return await queryNamed(client, { name: statementName(text, generation), text, values: [...values] })
      } catch {
        // In a transaction of the caller's the first error has ended everything, and is the one to tell.
        throw error
      }
    }
  }
  return ask
}

interface Named {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

async function queryNamed<Row extends object>(client: Queryable, statement: Named): Promise<readonly Row[]> {
  const named = client as unknown as {
    query(it: Named): Promise<{ readonly rows: readonly Row[] }>
  }
  return (await named.query(statement)).rows
}

/** A pool of `pg` counts its connections, and a client of it quotes names; whatever is put around something else does neither. */
function isPg(client: object): boolean {
  return 'totalCount' in client || 'escapeIdentifier' in client
}
