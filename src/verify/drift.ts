/** A row of a read model that is not what its query says, or ranks that disagree with the rows. Values are PostgreSQL's own text. */
export interface Drift {
  /** `missing` from the stored rows, `extra` among them, `different` in some columns, or `ranks` that do not add up. */
  readonly kind: 'missing' | 'extra' | 'different' | 'ranks'
  /** Of the row, by column. */
  readonly key: Readonly<Record<string, string | null>>
  /** The columns that differ; empty where the whole row is missing or extra. */
  readonly columns: readonly {
    readonly name: string
    readonly stored: string | null
    readonly actual: string | null
  }[]
}

interface CompareRow {
  readonly key: Readonly<Record<string, string | null>>
  readonly stored: Readonly<Record<string, string | null>> | null
  readonly actual: Readonly<Record<string, string | null>> | null
}

/** Says of a row of the comparison what is wrong with it. */
export function describeDrift({ key, stored, actual }: CompareRow): Drift {
  if (stored === null) return { kind: 'missing', key, columns: [] }
  if (actual === null) return { kind: 'extra', key, columns: [] }
  const columns = Object.keys(actual)
    .filter((name) => stored[name] !== actual[name])
    .map((name) => ({ name, stored: stored[name] ?? null, actual: actual[name] ?? null }))
  return { kind: 'different', key, columns }
}

/** A line about it for a reader. */
export function driftLine({ kind, key, columns }: Drift): string {
  const name = Object.entries(key)
    .map(([column, value]) => `${column} = ${shown(value)}`)
    .join(', ')
  const differences = columns.map((it) => `${it.name}: ${shown(it.stored)}, should be ${shown(it.actual)}`)
  return [`${kind.padEnd(9)}  ${name}`, ...differences].join('; ')
}

/** A value may be a whole document, with line breaks. */
function shown(value: string | null): string {
  if (value === null) return 'null'
  const line = value.replaceAll(/\s+/g, ' ')
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`
}
