import type { ColumnRef, Node } from '../sql/parse.ts'
import { namesOf } from './ast/nodes.ts'

/** What a name in FROM stands for: its columns, each as an expression over tables. */
type Entry = ReadonlyMap<string, Node>

/** The names that an expression may use: those of its own FROM, then those around it. */
export interface Scope {
  readonly entries: Map<string, Entry>
  readonly parent: Scope | null
}

/** What a column stands for; of a whole row (`t.*`) each of its columns. */
export function resolveColumn(
  ref: ColumnRef,
  scope: Scope,
): { readonly values: readonly Node[]; readonly isRow: boolean } {
  const [table = '', column] = namesOf(ref.fields)
  const entry = lookUp(scope, table)
  if (column === '*' && entry !== undefined) return { values: [...entry.values()], isRow: true }
  const value = column === undefined ? undefined : entry?.get(column)
  if (value === undefined) throw new Error(`unresolved column ${namesOf(ref.fields).join('.')}`)
  return { values: [value], isRow: false }
}

function lookUp(scope: Scope | null, table: string): Entry | undefined {
  for (let at = scope; at !== null; at = at.parent) {
    const entry = at.entries.get(table)
    if (entry !== undefined) return entry
  }
  return undefined
}
