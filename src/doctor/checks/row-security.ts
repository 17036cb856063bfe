import { otherInsiders, otherReaders, revokeGrant } from '../../migrate/readers.ts'
import type { Client } from '../../pg/client.ts'
import { qualified } from '../../sql/sql.ts'
import { findHidden, rowsHidden } from '../../work/all-rows.ts'
import { readRefreshed } from '../../work/schedule/installed.ts'
import { HAS_ROW_SECURITY, MODEL_OWNER } from '../doctor.sql.ts'
import { runSql, type Examination, type Finding } from '../finding.ts'
import { displayName } from '../../sql/names.ts'

type Found = Omit<Finding, 'check'>
type Examined = Examination['models'][number]['plan']

/** Policies of sources: rows that they hide from whoever computes, and read models that show what they would hide. */
export async function rowSecurity({ client, models, workerRole }: Examination): Promise<readonly Found[]> {
  const [{ owner } = { owner: null }] = await client.query<{ owner: string }>(MODEL_OWNER)
  const roles = [owner, workerRole].filter((it) => typeof it === 'string')
  const findings: Found[] = []
  for (const { plan } of models) {
    findings.push(...(await ofSources(client, plan, roles)), ...(await ofReaders(client, plan, workerRole)))
  }
  for (const { model } of await readRefreshed(client)) {
    findings.push(...(await ofReaders(client, model.plan, workerRole)))
  }
  return findings
}

async function ofSources(
  client: Client,
  plan: Examined,
  roles: readonly string[],
): Promise<readonly Found[]> {
  const relations = plan.sources.map(({ relation }) => relation)
  const secured = await client.query<{ source: string }>(HAS_ROW_SECURITY, [
    relations.map((it) => qualified(it).text),
  ])
  if (secured.length === 0) return []
  const hidden = (await Promise.all(roles.map((role) => findHidden(client, relations, role)))).flat()
  return [
    ...hidden.map((it): Found => {
      const { hint } = rowsHidden(it)
      return {
        severity: 'error',
        object: displayName(plan.model),
        message: `policies hide rows of ${it.source} from ${it.role}, so it is not kept any more. ${hint ?? ''}`,
        remedy: [],
      }
    }),
    ...(plan.readableBy === undefined ? secured : []).map(({ source }): Found => ({
      severity: 'error',
      object: displayName(plan.model),
      message: `${source} has row-level security, and whoever may read the read model sees past it: declare readableBy, and migrate`,
      remedy: [],
    })),
  ]
}

async function ofReaders(
  client: Client,
  plan: Parameters<typeof otherInsiders>[1],
  workerRole: string | undefined,
): Promise<readonly Found[]> {
  const grants = [...(await otherReaders(client, plan)), ...(await otherInsiders(client, plan, workerRole))]
  return grants.map((it): Found => ({
    severity: 'error',
    object: displayName(plan.model),
    message: `${it.role ?? 'everybody'} may use ${it.object} without being named in readableBy`,
    remedy: [runSql(revokeGrant(it))],
  }))
}
