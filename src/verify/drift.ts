/** A row of a read model that is not what its query says. */
export interface Drift {
  readonly kind: 'missing' | 'extra' | 'different'
  readonly key: Readonly<Record<string, unknown>>
  /** The columns that differ; empty where the whole row is missing or extra. */
  readonly columns: readonly { readonly name: string; readonly stored: unknown; readonly actual: unknown }[]
}

interface CompareRow {
  readonly key: Readonly<Record<string, unknown>>
  readonly stored: Readonly<Record<string, unknown>> | null
  readonly actual: Readonly<Record<string, unknown>> | null
}

/** Says of a row of the comparison what is wrong with it. */
export function describeDrift({ key, stored, actual }: CompareRow): Drift {
  if (stored === null) return { kind: 'missing', key, columns: [] }
  if (actual === null) return { kind: 'extra', key, columns: [] }
  const columns = Object.keys(actual)
    .filter((name) => JSON.stringify(stored[name]) !== JSON.stringify(actual[name]))
    .map((name) => ({ name, stored: stored[name], actual: actual[name] }))
  return { kind: 'different', key, columns }
}
