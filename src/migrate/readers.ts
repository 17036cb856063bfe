import type { Plan, RelationName } from '../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { Client } from '../pg/client.ts'
import { QUEUE_SLOTS, queueSlotName } from '../sql/names.ts'
import { ident, sql, trusted } from '../sql/sql.ts'
import type { Roles } from './roles.sql.ts'

/**
 * `$1` schemas, `$2` names, `$3` roles → grants on tables, views and functions of these names to anybody but their owner and those
 * roles. Default privileges may have made them.
 */
const OTHER_GRANTS = `
  with wanted as (select * from unnest($1::text[], $2::text[]) as named (schema, name)),
  granted as (
    select 'table' as kind, format('%I.%I', n.nspname, c.relname) as object, c.relowner as owner, acl.grantee
    from wanted
    join pg_namespace as n on n.nspname = wanted.schema
    join pg_class as c on c.relnamespace = n.oid and c.relname = wanted.name
    cross join lateral aclexplode(c.relacl) as acl
    union
    select 'function', format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), p.proowner, acl.grantee
    from wanted
    join pg_namespace as n on n.nspname = wanted.schema
    join pg_proc as p on p.pronamespace = n.oid and p.proname = wanted.name
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as acl
  )
  select kind, object, case when grantee <> 0 then pg_get_userbyid(grantee) end as role
  from granted
  where grantee <> owner
    and (grantee = 0 or pg_get_userbyid(grantee) <> all ($3::text[]))
  order by 1, 2, 3`

export interface OtherGrant {
  readonly kind: 'table' | 'function'
  /** Quoted. */
  readonly object: string
  /** Null: PUBLIC. */
  readonly role: string | null
}

type Restricted = Pick<Plan | RefreshPlan, 'model' | 'strictView' | 'readableBy'> & {
  readonly strictPage?: RelationName
  readonly leaderboard?: Plan['leaderboard']
}

/** What readers of a model whose readership is declared read it by, and who else may. */
export async function otherReaders(client: Client, plan: Restricted): Promise<readonly OtherGrant[]> {
  const { model, strictView, strictPage, leaderboard, readableBy } = plan
  if (readableBy === undefined) return []
  const pages = strictPage === undefined ? [] : [strictPage]
  return await otherGrants(client, [model, strictView, ...pages, ...(leaderboard?.readers ?? [])], readableBy)
}

/** Who but the worker may read the tables behind a model whose readership is declared. */
export async function otherInsiders(
  client: Client,
  plan: Plan | RefreshPlan,
  worker: string | undefined,
): Promise<readonly OtherGrant[]> {
  if (plan.readableBy === undefined) return []
  const behind = isRefreshed(plan) ? [plan.storage] : tablesBehind(plan)
  return await otherGrants(client, behind, worker === undefined ? [] : [worker])
}

function tablesBehind({ storage, pending, sources, leaderboard }: Plan): readonly RelationName[] {
  const slots = [...Array(QUEUE_SLOTS).keys()]
  const queues = sources.flatMap(({ relation, queue }) => [
    queue,
    ...slots.map((slot) => queueSlotName(relation, slot)),
  ])
  return [storage, pending, ...queues, ...(leaderboard?.trees ?? []).map(({ entries }) => entries)]
}

async function otherGrants(
  client: Client,
  objects: readonly RelationName[],
  allowed: readonly string[],
): Promise<readonly OtherGrant[]> {
  const schemas = objects.map(({ schema }) => schema)
  return await client.query<OtherGrant & object>(OTHER_GRANTS, [
    schemas,
    objects.map(({ name }) => name),
    allowed,
  ])
}

export function revokeGrant({ kind, object, role }: OtherGrant): string {
  const grantee = role === null ? trusted('public') : ident(role)
  return sql`revoke all on ${trusted(kind)} ${trusted(object)} from ${grantee}`.text
}

/** Default privileges of the owner may have granted what nobody named. */
export async function revokeFromOthers(
  client: Client,
  plan: Plan | RefreshPlan,
  { worker }: Roles,
): Promise<void> {
  const grants = [...(await otherReaders(client, plan)), ...(await otherInsiders(client, plan, worker))]
  for (const grant of grants) await client.query(revokeGrant(grant))
}
