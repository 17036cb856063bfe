import type { InstalledModel } from '../../work/model.ts'
import { readLag, type Lag } from '../../work/waiting.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'
import { inWords } from '../in-words.ts'
import { lookUntil } from '../patience.ts'
import { displayName } from '../../sql/names.ts'

/** Changes that wait to be drained, and nobody drains them. */
export async function lag({
  client,
  models,
  limits,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const findings: Omit<Finding, 'check'>[] = []
  for (const model of models) {
    const found = await lookUntil(
      limits.patienceMs,
      () => readLag(client, model),
      (now, first) => now.changes === 0 || now.n !== first.n,
    )
    const { maxLagMs = limits.maxLagMs, pauseMs = 0 } = model.plan.pace ?? {}
    // As long as the model pauses it is not the worker that is late.
    if (found.changes === 0 || found.ageMs < Math.min(pauseMs, maxLagMs)) continue
    findings.push({
      severity: found.ageMs > maxLagMs ? 'error' : 'warning',
      object: displayName(model),
      message: messageOf(found, maxLagMs) + readersOf(model, models),
      remedy: [runCommand('millrace drain')],
    })
  }
  return findings
}

function messageOf({ changes, ageMs }: Lag, maxLagMs: number): string {
  const late = ageMs > maxLagMs ? `, and they may wait ${inWords(maxLagMs)}` : ''
  const waiting = changes === 1 ? '1 change waits' : `${String(changes)} changes wait`
  return `${waiting} to be drained${late}; the last drain was ${inWords(ageMs)} ago`
}

/** What reads a model that is behind is as far behind, however often it is drained itself. */
function readersOf({ storage }: InstalledModel, models: readonly InstalledModel[]): string {
  const behind = new Set([storage])
  // Lower ones come first.
  for (const { storage: upper, plan } of models) {
    if ((plan.models ?? []).some((it) => behind.has(it.storage.name))) behind.add(upper)
  }
  const names = models.filter((it) => it.storage !== storage && behind.has(it.storage)).map(displayName)
  return names.length === 0 ? '' : `; as late are, by way of it, ${names.join(', ')}`
}
