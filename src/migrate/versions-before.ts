import { MillraceError } from '../errors.ts'
import { displayName, isSameName } from '../sql/names.ts'
import type { InstalledPlan } from '../work/model.ts'

/**
 * The newest former version of each model that is named, of all that have one where none is. Models of a chain go back together: a
 * version reads the rows of one version of what is below it, and of no other.
 */
export function versionsBefore(
  versions: readonly InstalledPlan[],
  names: readonly string[],
): readonly InstalledPlan[] {
  const former = versions
    .filter(({ state }) => state === 'former')
    .toSorted((a, b) => b.plan.version - a.plan.version)
  const newest = former.filter((it) => former.find((other) => isSameName(other, it)) === it)
  for (const name of names) {
    if (!newest.some((it) => isCalled(it, name))) {
      throw new MillraceError('MODEL_UNKNOWN', {
        detail: `"${name}" has no version before`,
        hint: 'Declare it as it was, and run millrace migrate up.',
      })
    }
  }
  const picked = names.length === 0 ? newest : newest.filter((it) => names.some((name) => isCalled(it, name)))
  requireWhole(versions, picked)
  // As they were installed: lower ones first.
  return versions.filter((it) => picked.includes(it))
}

function isCalled(it: InstalledPlan, name: string): boolean {
  return it.name === name || displayName(it) === name
}

function requireWhole(versions: readonly InstalledPlan[], picked: readonly InstalledPlan[]): void {
  const after = [
    ...picked,
    ...versions.filter((it) => it.state === 'ready' && !picked.some((other) => isSameName(other, it))),
  ]
  for (const upper of after) {
    for (const { model, storage } of upper.plan.models ?? []) {
      const lower = after.find((it) => isSameName(it, model))
      if (lower === undefined || lower.storage === storage.name) continue
      const both = [displayName(upper), displayName(model)]
      throw new MillraceError('MODEL_IS_READ', {
        detail: `${both.join(' reads ')}, of another version`,
        hint: `Let both go back: millrace migrate back ${both.join(' ')}`,
      })
    }
  }
}
