import { lowerFirst } from '../compile/order.ts'
import type { Plan } from '../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { Client } from '../pg/client.ts'

/** A read model that follows what changes, as it is installed. */
export interface InstalledModel {
  /** The stored table's bare name: what the watermark and the log know it by. */
  readonly storage: string
  readonly schema: string
  readonly name: string
  readonly state: 'building' | 'ready'
  readonly definition: string
  readonly plan: Plan
}

/** A read model as it is installed, also one that is refreshed on a schedule. */
export interface InstalledPlan extends Omit<InstalledModel, 'plan'> {
  readonly plan: Plan | RefreshPlan
}

/** Reads all installed models that follow what changes: lower ones first, else in the order of their names. */
export async function readModels(client: Client): Promise<readonly InstalledModel[]> {
  return (await readPlans(client)).filter((it): it is InstalledModel => !isRefreshed(it.plan))
}

/** The same with those that are refreshed on a schedule. */
export async function readPlans(client: Client): Promise<readonly InstalledPlan[]> {
  const models = await client.query<InstalledPlan & object>(`
    select storage, schema_name as schema, name, state, definition, plan
    from millrace.model
    order by schema_name, name`)
  const plans = models.map((it) => (isRefreshed(it.plan) ? it : { ...it, plan: asEventual(it.plan) }))
  return lowerFirst(plans, ({ plan }) => plan)
}

/** Plans that were stored before there were immediate models, or windows of time, say nothing of them. */
function asEventual(plan: Plan | Earlier): Plan {
  const sources = plan.sources.map((it) => ({ ...it, applied: it.applied ?? null }))
  const paths = plan.paths.map((it) => ({ ...it, columns: it.columns ?? [] }))
  return { ...plan, immediate: plan.immediate ?? null, clocks: plan.clocks ?? [], sources, paths }
}

type Earlier = Omit<Plan, 'immediate' | 'clocks' | 'sources' | 'paths'> & {
  readonly immediate?: undefined
  readonly clocks?: undefined
  readonly paths: readonly (Omit<Plan['paths'][number], 'columns'> & { readonly columns?: undefined })[]
  readonly sources: readonly (Omit<Plan['sources'][number], 'applied'> & { readonly applied?: undefined })[]
}
