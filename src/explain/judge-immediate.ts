import type { Declared } from '../analyze/analysis.ts'
import { analyze } from '../analyze/analyze.ts'
import { judgeImmediacy } from '../analyze/immediate.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { Immediate } from './description.ts'

/** Whether the writers of a query's tables could keep it themselves, and how. */
export function judgeImmediate(
  query: CanonicalQuery,
  key: readonly string[],
  declared: Declared = {},
): Immediate {
  const outcome = analyze(query, key, { ...declared, freshness: 'immediate' })
  if (outcome.kind === 'refused') {
    return { kind: 'impossible', because: outcome.refusals.map(({ detail }) => detail).join('; ') }
  }
  const immediacy = judgeImmediacy(query, key, outcome.analysis)
  return immediacy.kind === 'recompute'
    ? { kind: 'recompute', because: immediacy.because }
    : { kind: 'fold', because: 'all of it is added up from the changed rows alone' }
}
