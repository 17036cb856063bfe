import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { MillraceError } from '../errors.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { indexProblems } from './check-indexes.ts'
import type { CompiledRefresh } from './compile-refreshed.ts'
import {
  hiddenRows,
  inFile,
  missingRight,
  missingRoles,
  problem,
  schemaProblems,
  sharedKeys,
  takenNames,
  type Names,
} from './preflight.ts'
import { TABLE_RIGHTS } from './preflight.sql.ts'
import { replacedProblems } from './replaced.ts'
import type { Roles } from './roles.sql.ts'

/**
 * Looks for what would stop the installation of refreshed read models half-way, and changes nothing. Each query is evaluated
 * once, in a read-only transaction, so one that writes is found out.
 */
export async function preflightRefreshed(
  client: Client,
  models: readonly CompiledRefresh[],
  { worker, reader }: Roles,
  removed: readonly Names[] = [],
): Promise<readonly MillraceError[]> {
  const readers = models.flatMap(({ plan }) => plan.readableBy ?? [])
  const roles = await missingRoles(client, [worker, reader, ...readers])
  if (roles.length > 0) return roles

  const problems: MillraceError[] = []
  for (const { plan, definition } of models) {
    const found = [
      ...(await takenNames(client, plan, removed)),
      ...(await replacedProblems(client, plan)),
      ...(await schemaProblems(client, plan.model.schema)),
      ...(await missingRights(client, plan, undefined)),
      ...(worker === undefined ? [] : await missingRights(client, plan, worker)),
      ...(await hiddenRows(client, plan.chain?.sources ?? [], worker)),
    ]
    const rows = found.length > 0 ? [] : await answerProblems(client, plan)
    problems.push(...[...found, ...rows].map((it) => inFile(it, definition.file)))
  }
  for (const model of problems.length > 0 ? [] : models) {
    problems.push(...(await indexProblems(client, model)).map((it) => inFile(it, model.definition.file)))
  }
  return problems
}

async function missingRights(
  client: Client,
  { reads, models = [] }: RefreshPlan,
  role: string | undefined,
): Promise<readonly MillraceError[]> {
  const problems: MillraceError[] = []
  for (const relation of reads) {
    // Ours, and perhaps not made yet.
    if (models.some(({ model }) => model.name === relation.name && model.schema === relation.schema)) continue
    const values = [role ?? null, relation.schema, relation.name]
    const [rights] = await client.query<{ maySelect: boolean }>(TABLE_RIGHTS, values)
    if (rights?.maySelect !== true) problems.push(missingRight('select', relation, role))
  }
  return problems
}

async function answerProblems(client: Client, plan: RefreshPlan): Promise<readonly MillraceError[]> {
  try {
    return await withTransaction(client, { isolation: 'repeatable read', readOnly: true }, () =>
      sharedKeys(client, plan),
    )
  } catch (error) {
    if (!(error instanceof Error) || !hasSqlState(error, SQLSTATE.READ_ONLY_TRANSACTION)) throw error
    const detail = `${plan.model.schema}.${plan.model.name}: ${error.message}`
    return [problem('QUERY_WRITES', detail, 'Leave the function that writes out, or call it in a job.')]
  }
}
