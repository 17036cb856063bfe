import type { Plan, RelationName } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { CAPTURE_TRIGGERS, CLUSTERS, SUBSCRIPTIONS } from './causes.sql.ts'

/** What in the database can make changes go past capture: said where drift was found. */
export async function findCauses(client: Client, plan: Plan): Promise<readonly string[]> {
  const causes: string[] = declaredCauses(plan)
  for (const { relation } of plan.sources) causes.push(...(await causesOf(client, relation)))

  if (await isForeign(client, plan))
    causes.push('the stored rows come from another database: it was restored or moved')
  return causes.length > 0 ? causes : [LEFT_NO_TRACE]
}

const LEFT_NO_TRACE =
  'none that can be seen now: capture was off for a while (session_replication_role = replica, a disabled trigger), or somebody wrote to the stored rows'

/** What a function reads is taken on trust where its body is a string, and so is the way from there to keys. */
function declaredCauses({ paths }: Plan): string[] {
  const declared = paths
    .filter(({ kind }) => kind === 'declared')
    .map(({ source }) => `${source.schema}.${source.name}`)
  if (declared.length === 0) return []
  const tables = [...new Set(declared)].join(', ')
  return [
    `a function reads more than its dependsOn says (${tables}), or the keys of a changed row are not all that it leads to`,
  ]
}

/** Was the newest watermark taken in another database? */
export async function isForeign(client: Client, { storage }: Plan): Promise<boolean> {
  const [cluster] = await client.query<{ same: boolean }>(CLUSTERS, [storage.name])
  return cluster?.same === false
}

async function causesOf(client: Client, { schema, name }: RelationName): Promise<readonly string[]> {
  const causes: string[] = []
  const triggers = await client.query<{ event: string; state: string | null }>(CAPTURE_TRIGGERS, [
    schema,
    name,
  ])
  for (const { event, state } of triggers) {
    if (state === null) causes.push(`${schema}.${name} has no capture trigger for ${event}`)
    if (state === 'D') causes.push(`the capture trigger of ${schema}.${name} for ${event} is disabled`)
  }
  const subscribed = await client.query(SUBSCRIPTIONS, [schema, name])
  if (subscribed.length > 0)
    causes.push(`${schema}.${name} is written by a subscription, which fires no statement triggers`)
  return causes
}
