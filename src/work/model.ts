import { lowerFirst } from '../compile/order.ts'
import type { Plan } from '../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { Client } from '../pg/client.ts'
import { isSameName } from '../sql/names.ts'

/**
 * waiting: what it reads is not filled yet, so nobody drains it. building: it is being filled, and readers have no name for it, or
 * another version's rows under it. ready: it is in use. former: it was in use, and is kept fresh until it is pruned.
 */
export type ModelState = 'waiting' | 'building' | 'ready' | 'former'

/** A version of a read model that follows what changes, as it is installed. */
export interface InstalledModel {
  /** The stored table's bare name: what the watermark and the log know it by. */
  readonly storage: string
  readonly schema: string
  readonly name: string
  readonly state: ModelState
  readonly definition: string
  readonly plan: Plan
  /** Its strict read was given up, or dropped, for a change of its sources: nobody knows what else has changed in them. */
  readonly isReleased?: boolean
  /** Bare names of indexes of its stored table that were not made to the end: no query uses them, and each write keeps them. */
  readonly invalidIndexes?: readonly string[]
}

/** A read model as it is installed, also one that is refreshed on a schedule. */
export interface InstalledPlan extends Omit<InstalledModel, 'plan'> {
  readonly plan: Plan | RefreshPlan
}

/** Reads the installed models that follow what changes, of each the version in use: lower ones first, else in the order of their names. */
export async function readModels(client: Client): Promise<readonly InstalledModel[]> {
  return inUse(await readVersions(client))
}

/** The same with those that are refreshed on a schedule. */
export async function readPlans(client: Client): Promise<readonly InstalledPlan[]> {
  return inUse(await readAllPlans(client))
}

/** All versions: those too that are being built, or that were in use. */
export async function readVersions(client: Client): Promise<readonly InstalledModel[]> {
  return (await readAllPlans(client)).filter((it): it is InstalledModel => !isRefreshed(it.plan))
}

/** Those that are to be drained. */
export async function readDrained(client: Client): Promise<readonly InstalledModel[]> {
  return (await readVersions(client)).filter(({ state }) => state !== 'waiting')
}

/** A text that is another one where any version of a model is: each row by the transaction that wrote it. */
export async function readInstalled(client: Client): Promise<string> {
  const [found] = await client.query<{ installed: string }>(READ_INSTALLED)
  return found?.installed ?? ''
}

const READ_INSTALLED = `
  select coalesce(string_agg(m.storage || ' ' || m.xmin::text, ', ' order by m.storage), '') as installed
  from millrace.model as m`

export async function readAllPlans(client: Client): Promise<readonly InstalledPlan[]> {
  const models = await client.query<InstalledPlan & object>(READ_PLANS)
  const plans = models.map((it) => (isRefreshed(it.plan) ? it : { ...it, plan: asEventual(it.plan) }))
  return lowerFirst(plans, ({ plan }) => plan)
}

const READ_PLANS = `
  select m.storage, m.schema_name as schema, m.name, m.state, m.definition, m.plan,
         m.state = 'ready' and (view.oid is null or exists (
           select
           from pg_rewrite as r
           join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
           join pg_proc as p on d.refclassid = 'pg_proc'::regclass and p.oid = d.refobjid
           where r.ev_class = view.oid
             and p.pronamespace = 'millrace'::regnamespace and p.proname = 'is_released'
         )) as "isReleased",
         (select coalesce(json_agg(c.relname), '[]')
          from pg_index as i
          join pg_class as c on c.oid = i.indexrelid
          where not i.indisvalid
            and i.indrelid = to_regclass(format('%I.%I', m.plan #>> '{storage,schema}', m.storage))) as "invalidIndexes"
  from millrace.model as m
  left join lateral (
    select to_regclass(format('%I.%I', m.plan #>> '{strictView,schema}', m.plan #>> '{strictView,name}')) as oid
  ) as view on true
  order by m.schema_name, m.name, (m.plan ->> 'version')::int`

interface Version {
  readonly schema: string
  readonly name: string
  readonly state: ModelState
}

/** What readers mean by the names of models: the version that is ready, or the one that will be the first. */
export function inUse<T extends Version>(versions: readonly T[]): readonly T[] {
  return versions.filter(
    (it) =>
      it.state === 'ready' ||
      (it.state !== 'former' && !versions.some((other) => other.state === 'ready' && isSameName(other, it))),
  )
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
