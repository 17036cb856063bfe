import { parseStatements, type RangeVar } from '../sql/parse.ts'

/** A table or view as a query names it. */
export interface NamedTable {
  /** Null where it is looked up in the search path. */
  readonly schema: string | null
  readonly name: string
  /** A byte offset in the text. */
  readonly location: number
}

/** The tables and views that a text names; those that its own WITH makes are none. Nothing where it cannot be parsed. */
export function namedTables(text: string): readonly NamedTable[] {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') return []
  const found: NamedTable[] = []
  collect(outcome.statements, new Set(), found)
  return found
}

/** `own`: names that WITH has given where the tree stands. */
function collect(tree: unknown, own: ReadonlySet<string>, found: NamedTable[]): void {
  if (Array.isArray(tree)) {
    for (const it of tree) collect(it, own, found)
    return
  }
  if (typeof tree !== 'object' || tree === null) return
  if ('RangeVar' in tree) {
    const { schemaname = null, relname = '', location = 0 } = tree.RangeVar as RangeVar
    if (schemaname !== null || !own.has(relname)) found.push({ schema: schemaname, name: relname, location })
    return
  }
  const { withClause, ...rest } = tree as { readonly withClause?: WithClause }
  const inside = withClause === undefined ? own : collectWith(withClause, own, found)
  for (const it of Object.values(rest)) collect(it, inside, found)
}

interface WithClause {
  readonly recursive?: boolean
  readonly ctes?: readonly {
    readonly CommonTableExpr: { readonly ctename?: string; readonly ctequery?: unknown }
  }[]
}

/** Each query of WITH sees those before it; of WITH RECURSIVE all of them. */
function collectWith(
  { recursive = false, ctes = [] }: WithClause,
  outer: ReadonlySet<string>,
  found: NamedTable[],
): ReadonlySet<string> {
  const names = ctes.map(({ CommonTableExpr: { ctename = '' } }) => ctename)
  for (const [i, { CommonTableExpr: query }] of ctes.entries()) {
    collect(query.ctequery, new Set([...outer, ...(recursive ? names : names.slice(0, i))]), found)
  }
  return new Set([...outer, ...names])
}
