import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { FuncCall, SelectStmt } from '../sql/parse.ts'
import { functionName } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'

/** True if a function's name is that of an aggregate which the query calls. */
export function isAggregate({ calls }: CanonicalQuery, name: string): boolean {
  return calls.some((it) => it.kind === 'aggregate' && it.name === name)
}

/** The aggregates called in an expression, or in a list of them; those of subqueries are not its own. */
export function aggregatesIn(query: CanonicalQuery, tree: unknown): readonly FuncCall[] {
  const found: FuncCall[] = []
  walk(tree, ({ node }) => {
    if ('SubLink' in node) return 'skip'
    // One with a window does not group, but what it is called with may.
    const isPlain = 'FuncCall' in node && node.FuncCall.over === undefined
    if (isPlain && isAggregate(query, functionName(node.FuncCall))) found.push(node.FuncCall)
    return undefined
  })
  return found
}

/** True if the select list or HAVING aggregates: then the block's rows meet in one. */
export function aggregates(query: CanonicalQuery, { targetList, havingClause }: SelectStmt): boolean {
  return aggregatesIn(query, [targetList, havingClause]).length > 0
}
