import { schemaVersion } from '../catalog/schema-version.ts'
import type { Plan, RelationName } from '../compile/plan.ts'
import { isRefreshed, type RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import type { Client } from '../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { QUEUE_SLOTS, queueSlotName } from '../sql/names.ts'
import { ident, join, literal, sql, trusted, type Sql } from '../sql/sql.ts'
import type { Roles } from './roles.sql.ts'

/**
 * Lists of schemas, names and roles → grants on tables, views and functions of these names to anybody but their owner and those
 * roles. Default privileges may have made them.
 */
const grantsToOthers = (schemas: Sql, names: Sql, roles: Sql) => sql`
  with wanted as (select * from unnest(${schemas}, ${names}) as named (schema, name)),
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
    and (grantee = 0 or pg_get_userbyid(grantee) <> all (${roles}))
  order by 1, 2, 3`

const OTHER_GRANTS = grantsToOthers(trusted('$1::text[]'), trusted('$2::text[]'), trusted('$3::text[]')).text

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
  const { readableBy } = plan
  return readableBy === undefined ? [] : await otherGrants(client, namesOf(plan), readableBy)
}

function namesOf({ model, strictView, strictPage, leaderboard }: Restricted): readonly RelationName[] {
  const pages = strictPage === undefined ? [] : [strictPage]
  return [model, strictView, ...pages, ...(leaderboard?.readers ?? [])]
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

/**
 * Default privileges of the owner may have granted what nobody named. One statement, which looks at the grants when it is run; none
 * where readership is not declared.
 */
export function revokeFromOthers(plan: Plan | RefreshPlan, { worker }: Roles): readonly string[] {
  const { readableBy } = plan
  if (readableBy === undefined) return []
  const behind = 'kind' in plan ? [plan.storage] : tablesBehind(plan)
  const insiders = worker === undefined ? [] : [worker]
  return [revocation(namesOf(plan), readableBy), revocation(behind, insiders)]
}

function revocation(objects: readonly RelationName[], allowed: readonly string[]): string {
  const list = (values: readonly string[]) => sql`array[${join(values.map((it) => literal(it)))}]::text[]`
  const grants = grantsToOthers(
    list(objects.map(({ schema }) => schema)),
    list(objects.map(({ name }) => name)),
    list(allowed),
  )
  return sql`do $millrace$
declare
  it record;
begin
  for it in${grants}
  loop
    execute format('revoke all on %s %s from %s', it.kind, it.object, coalesce(quote_ident(it.role), 'public'));
  end loop;
end
$millrace$`.text
}

/** Views of others that read the versions in use, by the names of their stored tables. */
export async function readReaders(client: Client): Promise<ReadonlyMap<string, readonly string[]>> {
  if ((await schemaVersion(client)) === 0) return new Map()
  const rows = await client.query<{ storage: string; views: readonly string[] }>(READERS).catch(noneBefore)
  return new Map(rows.map(({ storage, views }) => [storage, views]))
}

const READERS = `
  select m.storage, array_agg(format('%s.%s', n.nspname, c.relname) order by 1) as views
  from millrace.model as m
  cross join lateral millrace.views_on(millrace.names_of(m)) as reading
  join pg_class as c on c.oid = reading.view
  join pg_namespace as n on n.oid = c.relnamespace
  where m.state = 'ready'
  group by m.storage`

/** Millrace's own schema is of an older version. */
function noneBefore(error: unknown): [] {
  if (hasSqlState(error, SQLSTATE.UNDEFINED_FUNCTION)) return []
  throw error
}
