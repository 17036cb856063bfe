import { refuseRefreshed } from '../analyze/refreshable.ts'
import { canonicalizeWhole } from '../catalog/canonicalize.ts'
import { compileRefresh } from '../compile/refresh/compile-refresh.ts'
import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { PlanReplaced } from '../compile/plan.ts'
import type { IndexDeclaration } from '../compile/storage.ts'
import { takingOver } from '../compile/take-over.ts'
import type { Schedule } from '../define/schedule.ts'
import type { Client } from '../pg/client.ts'
import { loadParser } from '../sql/parse.ts'
import { understand, type CompileOptions } from './compile-model.ts'
import { located, refusalError } from './refusal.ts'

/** What is needed of a read model that is refreshed on a schedule. */
export interface RefreshedDefinition {
  readonly schema: string
  readonly name: string
  readonly key: readonly string[]
  readonly schedule: Schedule
  readonly query: string
  readonly indexes: readonly IndexDeclaration[]
  /** Roles that may read it; absent: that is not restricted. */
  readonly readableBy?: readonly string[] | undefined
  /** What has its name until it is complete; absent: nothing. */
  readonly replaces?: PlanReplaced | undefined
  readonly file?: string | undefined
}

export interface CompiledRefresh {
  readonly definition: RefreshedDefinition
  readonly plan: RefreshPlan
}

/** Compiles one read model that is refreshed on a schedule; throws what is refused, as `compileModel` does. */
export async function compileRefreshed(
  client: Client,
  definition: RefreshedDefinition,
  options: CompileOptions = {},
): Promise<CompiledRefresh> {
  await loadParser()
  return await located(definition, async () => {
    const { schema, name, key, indexes, readableBy } = definition
    const { query, models } = await understand(client, definition, options, canonicalizeWhole)
    const refusals = refuseRefreshed(query, key, definition)
    if (refusals.length > 0) throw refusalError(definition, refusals)
    const model = { schema, name }
    const { version = 1 } = options
    const plan = compileRefresh({ model, version, key, indexes, readableBy, query, models })
    return { definition, plan: takingOver(plan, definition.replaces) }
  })
}
