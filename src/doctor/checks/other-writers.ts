import { QUEUE_SLOTS, displayName, queueSlotName } from '../../sql/names.ts'
import { ident, sql, trusted } from '../../sql/sql.ts'
import { readRefreshed } from '../../work/schedule/installed.ts'
import { OTHER_WRITERS } from '../doctor.sql.ts'
import { runSql, type Examination, type Finding } from '../finding.ts'
import { examinedSources } from '../sources.ts'

/** Roles that may write what only Millrace should: stored tables, the views on them, queues, watermarks. */
export async function otherWriters({
  client,
  models,
  workerRole,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const refreshed = await readRefreshed(client)
  const relations = [
    { schema: 'millrace', name: 'watermark' },
    ...refreshed.flatMap(({ model: { plan } }) => [plan.model, plan.strictView, plan.storage]),
    ...models.flatMap(({ plan }) => [plan.model, plan.strictView, plan.storage, plan.pending]),
    ...examinedSources(models).flatMap(({ relation, models: [model] }) => [
      ...(model?.plan.sources.filter((it) => displayName(it.relation) === displayName(relation)) ?? []).map(
        (it) => it.queue,
      ),
      ...[...Array(QUEUE_SLOTS).keys()].map((slot) => queueSlotName(relation, slot)),
    ]),
  ]
  const rows = await client.query<Writer>(OTHER_WRITERS, [
    relations.map(({ schema }) => schema),
    relations.map(({ name }) => name),
    workerRole === undefined ? [] : [workerRole],
  ])
  return rows.map(({ schema, name, role, rights }) => {
    const grantee = role === null ? trusted('public') : ident(role)
    return {
      severity: 'error',
      object: `${schema}.${name}`,
      message: `${role ?? 'everybody'} may ${rights} there, where only Millrace should write`,
      remedy: [runSql(sql`revoke ${trusted(rights)} on ${ident(schema, name)} from ${grantee}`.text)],
    }
  })
}

interface Writer {
  readonly schema: string
  readonly name: string
  /** Null: PUBLIC. */
  readonly role: string | null
  readonly rights: string
}
