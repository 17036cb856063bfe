import type { Node, SelectStmt } from '../../sql/parse.ts'
import { columnRef, outputNames } from '../ast/nodes.ts'

/** What the names in a SELECT mean. */
export interface Scope {
  readonly entries: Map<string, Entry>
  /** Columns that USING has merged, which are called by their bare name. */
  readonly merged: Map<string, Node>
  readonly parent: Scope | null
}

/** What stands under an alias: its columns in order. `values`: what they are replaced by; null: they stay. */
export interface Entry {
  readonly columns: readonly string[]
  readonly values: ReadonlyMap<string, Node> | null
}

/** A rewritten item of FROM, with the columns that can be seen of it. */
export interface Item {
  readonly node: Node
  readonly columns: readonly ItemColumn[]
}

export interface ItemColumn {
  readonly name: string
  readonly value: Node
}

/** A query that WITH gives a name, with what it can see where it stands. */
export interface NamedQuery {
  readonly select: SelectStmt
  readonly columns: readonly string[]
  readonly scope: Scope | null
  readonly names: Names
}

/** The named queries that can be seen. */
export type Names = ReadonlyMap<string, NamedQuery>

/** What a qualified name is replaced by; undefined where it stays as it is. */
export function findColumn(scope: Scope | null, table: string, column: string): Node | undefined {
  for (let at = scope; at !== null; at = at.parent) {
    const entry = at.entries.get(table)
    if (entry !== undefined) return entry.values?.get(column)
  }
  return undefined
}

/** What a bare name means: a merged column, or the column of the one table that has it. */
export function findBare(scope: Scope | null, column: string): Node | undefined {
  for (let at = scope; at !== null; at = at.parent) {
    const merged = at.merged.get(column)
    if (merged !== undefined) return merged
    for (const [alias, { columns }] of at.entries) {
      if (!columns.includes(column)) continue
      return columnRef(alias, column)
    }
  }
  return undefined
}

/** Names of a subquery's columns, the first of them renamed. */
export function columnsOfSelect(select: SelectStmt, renamed: readonly string[]): readonly string[] {
  return outputNames(select).map((name, i) => renamed[i] ?? name)
}

/** A subquery of FROM. */
export function subquery(select: SelectStmt, aliasname: string, columns: readonly string[]): Node {
  const colnames = columns.map((sval) => ({ String: { sval } }))
  return { RangeSubselect: { subquery: { SelectStmt: select }, alias: { aliasname, colnames } } }
}
