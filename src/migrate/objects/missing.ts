import type { Client } from '../../pg/client.ts'
import { parseStatements, type Node } from '../../sql/parse.ts'
import { literal, sql } from '../../sql/sql.ts'
import { findObjectChanges } from './changes.ts'
import { readObjects } from './installed.ts'
import type { PlacedObject } from './order.ts'

/**
 * Statements that make the objects which read models may read and which do not stand as they are declared: for the moment in which
 * the server is asked what a query means. Of functions, views and types only, which lock nothing that others use.
 */
export async function missingObjects(
  client: Client,
  declared: readonly PlacedObject[],
): Promise<readonly string[]> {
  if (declared.length === 0) return []
  const changes = findObjectChanges(declared, await readObjects(client))
  return changes.flatMap((it) => {
    if (it.kind !== 'create' && it.kind !== 'update') return []
    return !it.object.afterModels && locksNothing(it.object.up) ? [ifPossible(it.object.up)] : []
  })
}

/** One that cannot be made is told when it is to be made, and until then only to queries that need it. */
function ifPossible(up: string): string {
  const block = `begin execute ${literal(up).text}; exception when others then null; end`
  return sql`do ${literal(block)}`.text
}

function locksNothing(text: string): boolean {
  const outcome = parseStatements(text)
  return outcome.kind === 'statements' && outcome.statements.every(isHarmless)
}

function isHarmless(node: Node): boolean {
  return [
    'CreateFunctionStmt',
    'ViewStmt',
    'CompositeTypeStmt',
    'CreateEnumStmt',
    'CreateDomainStmt',
    'DefineStmt',
  ].some((it) => it in node)
}
