import { hasSqlState, SQLSTATE } from '../pg/errors.ts'
import { applyFunctions } from './checks/apply-functions.ts'
import { captureFunctions } from './checks/capture-functions.ts'
import { captureTriggers } from './checks/capture-triggers.ts'
import { cluster } from './checks/cluster.ts'
import { definition } from './checks/definition.ts'
import { drift } from './checks/drift.ts'
import { indexes } from './checks/indexes.ts'
import { jobs } from './checks/jobs.ts'
import { lag } from './checks/lag.ts'
import { otherWriters } from './checks/other-writers.ts'
import { pending } from './checks/pending.ts'
import { queueSize } from './checks/queue-size.ts'
import { rowSecurity } from './checks/row-security.ts'
import { schedule } from './checks/schedule.ts'
import { server } from './checks/server.ts'
import { sourceShape } from './checks/source-shape.ts'
import { rankTriggers } from './checks/rank-triggers.ts'
import { starvedSlot } from './checks/starved-slot.ts'
import { worker } from './checks/worker.ts'
import type { InstalledModel } from '../work/model.ts'
import { findSourceChanges } from '../work/source-changes.ts'
import type { Check, Examination, Finding, Limits } from './finding.ts'

/** Every check by its name, in the order in which to mend: what loses changes comes first. */
export const CHECKS: Readonly<Record<string, Check>> = {
  cluster,
  'source-shape': sourceShape,
  'capture-triggers': captureTriggers,
  'capture-functions': captureFunctions,
  'apply-functions': applyFunctions,
  'rank-triggers': rankTriggers,
  definition,
  server,
  schedule,
  'row-security': rowSecurity,
  'other-writers': otherWriters,
  worker,
  jobs,
  drift,
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
  const intact = { ...examination, models: await intactModels(examination) }
  for (const [name, check] of Object.entries(checks)) {
    const about = OF_ALL_MODELS.includes(name) ? examination : intact
    findings.push(...(await look(check, about)).map((it) => ({ check: name, ...it })))
  }
  return findings
}

/** The others ask the database about sources by the names that these had. */
const OF_ALL_MODELS = ['source-shape', 'definition', 'pending', 'queue-size', 'starved-slot']

async function intactModels({ client, models }: Examination): Promise<readonly InstalledModel[]> {
  const intact: InstalledModel[] = []
  for (const model of models) {
    if ((await findSourceChanges(client, model.plan)).length === 0) intact.push(model)
  }
  return intact
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
