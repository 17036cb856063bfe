import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { applyFunctions } from './checks/apply-functions.ts'
import { captureFunctions } from './checks/capture-functions.ts'
import { captureTriggers } from './checks/capture-triggers.ts'
import { cluster } from './checks/cluster.ts'
import { definition } from './checks/definition.ts'
import { indexes } from './checks/indexes.ts'
import { jobs } from './checks/jobs.ts'
import { lag } from './checks/lag.ts'
import { otherWriters } from './checks/other-writers.ts'
import { pending } from './checks/pending.ts'
import { queueSize } from './checks/queue-size.ts'
import { rowSecurity } from './checks/row-security.ts'
import { schedule } from './checks/schedule.ts'
import { rankTriggers } from './checks/rank-triggers.ts'
import { starvedSlot } from './checks/starved-slot.ts'
import { worker } from './checks/worker.ts'
import type { Check, Examination, Finding, Limits } from './finding.ts'

/** Every check by its name, in the order in which to mend: what loses changes comes first. */
export const CHECKS: Readonly<Record<string, Check>> = {
  cluster,
  'capture-triggers': captureTriggers,
  'capture-functions': captureFunctions,
  'apply-functions': applyFunctions,
  'rank-triggers': rankTriggers,
  definition,
  schedule,
  'row-security': rowSecurity,
  'other-writers': otherWriters,
  worker,
  jobs,
  lag,
  pending,
  'starved-slot': starvedSlot,
  'queue-size': queueSize,
  indexes,
}

export const LIMITS: Limits = {
  maxLagMs: 60_000,
  maxHoldMs: 60_000,
  maxQueueBytes: 1_073_741_824,
  // More than the longest sleep that `millrace work --max-idle` allows.
  maxSilentMs: 90_000,
  // Several times what a worker takes to notice a change.
  patienceMs: 1_000,
}

/** Looks at the read models' own health, and changes nothing. */
export async function examine(
  examination: Examination,
  checks: Readonly<Record<string, Check>> = CHECKS,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const [name, check] of Object.entries(checks)) {
    findings.push(...(await look(check, examination)).map((it) => ({ check: name, ...it })))
  }
  return findings
}

async function look(check: Check, examination: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  try {
    return await check(examination)
  } catch (error) {
    if (!(error instanceof Error) || !hasSqlState(error, SQLSTATE.INSUFFICIENT_PRIVILEGE)) throw error
    const message = `this role may not look: ${error.message}`
    return [{ severity: 'warning', object: 'database', message, remedy: [] }]
  }
}
