import type { Client } from '../pg/client.ts'
import { isDatabaseError } from '../pg/errors.ts'

/** What the planner says to one statement. */
export interface Planned {
  /** In the planner's units: 1 is a page read in sequence. */
  readonly cost: number
  readonly rows: number
  /** Tables that are read from one end to the other. */
  readonly wholeTables: readonly string[]
  /** Planning and running it, by the server; null where it was not run. */
  readonly ms: number | null
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Total Cost': number
  readonly 'Plan Rows': number
  readonly Schema?: string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly PlanNode[]
}

interface Explained {
  readonly 'QUERY PLAN': readonly {
    readonly Plan: PlanNode
    readonly 'Planning Time'?: number
    readonly 'Execution Time'?: number
  }[]
}

/** Runs EXPLAIN. With `run` the statement itself is run too, and undone as all of the caller's transaction. */
export async function planned(
  client: Client,
  statement: string,
  parameters: readonly unknown[],
  { run = false } = {},
): Promise<Planned> {
  const options = run ? 'analyze, timing off, verbose, format json' : 'verbose, format json'
  const [row] = await client.query<Explained>(`explain (${options}) ${statement}`, parameters)
  const [explained] = row?.['QUERY PLAN'] ?? []
  if (explained === undefined) throw new Error('EXPLAIN returned no row')
  const { Plan: root, 'Planning Time': planning, 'Execution Time': execution } = explained
  return {
    cost: root['Total Cost'],
    rows: root['Plan Rows'],
    wholeTables: [...new Set(wholeTablesIn(root))],
    ms: execution === undefined ? null : (planning ?? 0) + execution,
  }
}

function wholeTablesIn(node: PlanNode): readonly string[] {
  const inner = (node.Plans ?? []).flatMap(wholeTablesIn)
  const { Schema: schema = '', 'Relation Name': name } = node
  return node['Node Type'] === 'Seq Scan' && name !== undefined ? [`${schema}.${name}`, ...inner] : inner
}

/**
 * What `look` finds, or null where the server has something against it or it takes too long: an estimate that cannot be had is
 * no reason to fail, unless the connection has gone or the user has stopped waiting.
 */
export async function ifPossible<T>(
  client: Client,
  look: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T | null> {
  await client.query('savepoint look')
  try {
    return await look()
  } catch (error) {
    if (!isDatabaseError(error) || /^(57P|08)/.test(error.code ?? '')) throw error
    await client.query('rollback to savepoint look')
    signal?.throwIfAborted()
    return null
  }
}
