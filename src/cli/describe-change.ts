import type { Change } from '../migrate/changes.ts'

export interface DescribedChange {
  readonly kind: Change['kind']
  readonly model: string
}

/** A change by its kind and the name of its read model. */
export function describeChange(change: Change): DescribedChange {
  const { schema, name } = change.kind === 'remove' ? change.installed : change.model.definition
  return { kind: change.kind, model: `${schema}.${name}` }
}
