import type { RelationName } from '../../compile/plan.ts'
import type { Client } from '../../pg/client.ts'
import { QUEUE_SLOTS, displayName, queueSlotName } from '../../sql/names.ts'
import { literal, sql, trusted } from '../../sql/sql.ts'
import { HOLDERS, hasRows } from '../doctor.sql.ts'
import { runSql, type Examination, type Finding } from '../finding.ts'
import { inWords } from '../in-words.ts'
import { examinedSources } from '../sources.ts'

/** A slot of a queue that cannot be emptied, because a transaction that has been open for long holds a lock on it. */
export async function starvedSlot({
  client,
  models,
  limits,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const findings = new Map<string, Omit<Finding, 'check'>>()
  for (const { relation } of examinedSources(models)) {
    for (const holder of await holdersOf(client, relation)) {
      if (holder.heldMs !== null && holder.heldMs < limits.maxHoldMs) continue
      const remedy = end(holder)
      // One transaction may hold many slots; to end it once is enough.
      if (!findings.has(remedy)) findings.set(remedy, finding(relation, holder, remedy))
    }
  }
  return [...findings.values()]
}

interface Holder {
  readonly pid: number | null
  readonly role: string | null
  readonly application: string | null
  readonly state: string | null
  readonly gid: string | null
  readonly heldMs: number | null
}

async function holdersOf(client: Client, source: RelationName): Promise<readonly Holder[]> {
  const holders: Holder[] = []
  for (let slot = 0; slot < QUEUE_SLOTS; slot += 1) {
    const { name } = queueSlotName(source, slot)
    const [look] = await client.query<{ hasRows: boolean }>(hasRows(name))
    if (look?.hasRows === true) holders.push(...(await client.query<Holder>(HOLDERS, [name])))
  }
  return holders
}

function finding(source: RelationName, holder: Holder, remedy: string): Omit<Finding, 'check'> {
  const { heldMs } = holder
  const since = heldMs === null ? 'for how long is hidden from this role' : `for ${inWords(heldMs)}`
  return {
    severity: heldMs === null ? 'warning' : 'error',
    object: displayName(source),
    message: `its change queue cannot be emptied: ${describe(holder)} holds it, ${since}`,
    remedy: [runSql(remedy)],
  }
}

function describe({ gid, pid, role, application, state }: Holder): string {
  if (gid !== null) return `the prepared transaction ${gid}`
  const who = [role ?? 'a role', application === null || application === '' ? '' : ` (${application})`].join(
    '',
  )
  return `process ${String(pid)} of ${who}, ${state ?? 'in a state that is hidden from this role'},`
}

function end({ gid, pid }: Holder): string {
  if (gid !== null) return sql`rollback prepared ${literal(gid)}`.text
  return sql`select pg_terminate_backend(${trusted(String(pid))})`.text
}
