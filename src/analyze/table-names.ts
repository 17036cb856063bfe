import type { Node, RangeFunction, RangeSubselect, SelectStmt } from '../sql/parse.ts'
import { namesOf, outputNames, selectIn } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'

/** What a table of the query is called in the analysis, and the how-manieth it is. */
export interface TableName {
  readonly alias: string
  readonly ordinal: number
}

/** Gives each table, function and VALUES of FROM an alias that is unique in the whole query. */
export function nameTables(select: SelectStmt): ReadonlyMap<object, TableName> {
  const names = new Map<object, TableName>()
  const taken = new Set<string>()
  walk({ SelectStmt: select }, ({ node }) => {
    const named = nameInFrom(node)
    if (named === undefined) return
    let alias = named.wanted
    for (let n = 2; taken.has(alias); n += 1) alias = `${named.wanted}_${String(n)}`
    taken.add(alias)
    names.set(named.item, { alias, ordinal: names.size })
  })
  return names
}

function nameInFrom(node: Node): { readonly item: object; readonly wanted: string } | undefined {
  if ('RangeVar' in node) {
    return { item: node.RangeVar, wanted: node.RangeVar.alias?.aliasname ?? node.RangeVar.relname ?? 't' }
  }
  if ('RangeFunction' in node) {
    return { item: node.RangeFunction, wanted: node.RangeFunction.alias?.aliasname ?? 'f' }
  }
  if ('RangeSubselect' in node && hasValues(node.RangeSubselect)) {
    return { item: node.RangeSubselect, wanted: node.RangeSubselect.alias?.aliasname ?? 'v' }
  }
  return undefined
}

export function hasValues({ subquery }: RangeSubselect): boolean {
  return selectIn(subquery).valuesLists !== undefined
}

/** Names of a function's columns: those that its alias gives, or that it declares with their types. */
export function columnsOfFunction({ alias, coldeflist }: RangeFunction): readonly string[] {
  const defined = (coldeflist ?? []).flatMap((it) => ('ColumnDef' in it ? [it.ColumnDef.colname ?? ''] : []))
  return defined.length > 0 ? defined : namesOf(alias?.colnames)
}

/** Names of a subquery's columns, the first of them renamed by its alias. */
export function columnsOfSubquery({ alias, subquery }: RangeSubselect): readonly string[] {
  const renamed = namesOf(alias?.colnames)
  return outputNames(selectIn(subquery)).map((name, i) => renamed[i] ?? name)
}

/** The item under a name of its own, and with its columns named. */
export function withAlias(item: Node, aliasname: string, columns: readonly string[]): Node {
  const colnames = columns.map((sval) => ({ String: { sval } }))
  if ('RangeFunction' in item) {
    const hasTypes = item.RangeFunction.coldeflist !== undefined
    const alias = hasTypes ? { aliasname } : { aliasname, colnames }
    return { RangeFunction: { ...item.RangeFunction, lateral: true, alias } }
  }
  if (!('RangeSubselect' in item)) throw new Error('neither a function nor VALUES')
  return { RangeSubselect: { ...item.RangeSubselect, lateral: true, alias: { aliasname, colnames } } }
}
