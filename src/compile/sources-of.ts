import { displayName } from '../sql/names.ts'
import type { Plan, RelationName } from './plan.ts'

/** The sources of some models, each once: each has one queue. */
export function sourcesOf(plans: readonly Pick<Plan, 'sources'>[]): readonly RelationName[] {
  const all = plans.flatMap((plan) => plan.sources.map((it) => it.relation))
  return [...new Map(all.map((it) => [displayName(it), it])).values()]
}
