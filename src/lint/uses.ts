import { namesOf } from '../analyze/ast/nodes.ts'
import { walk } from '../analyze/ast/walk.ts'
import type { Plan } from '../compile/plan.ts'
import { parseStatements, type Node } from '../sql/parse.ts'
import { isSame, nameOf, type Named } from './relations.ts'

/** That a read model reads a table or view, and by which columns. */
export interface ModelUse {
  /** `public.feed` */
  readonly model: Named
  readonly relation: Named
  /** `all` where the query takes whole rows. */
  readonly columns: ReadonlySet<string> | 'all'
  /** Changes of it are captured: it is a source, or nothing else is known of it. */
  readonly isSource: boolean
}

/** What an installed read model reads: what its query names, and the sources behind views. */
export function usesOfPlan(plan: Pick<Plan, 'model' | 'query' | 'sources'>): readonly ModelUse[] {
  const sources = plan.sources.map(({ relation, captured, interests }) => ({
    model: plan.model,
    relation,
    columns: new Set([
      ...captured.map(({ column }) => column),
      ...interests.flatMap(({ columns }) => columns.map(({ name }) => name)),
    ]),
    isSource: true,
  }))
  const isSource = (relation: Named) => sources.some((it) => isSame(it.relation, relation))
  const named = usesOfQuery(plan.model, plan.query).map((it) => ({ ...it, isSource: isSource(it.relation) }))
  return [...sources, ...named]
}

/**
 * What the query of a declared read model reads, as far as its text tells: a column without its table is taken for one of
 * every table in the query, which is right where the table has such a column. Nothing, if it cannot be parsed.
 */
export function usesOfQuery(model: Named, query: string): readonly ModelUse[] {
  const outcome = parseStatements(query)
  if (outcome.kind === 'problem') return []
  const tables = tablesIn(outcome.statements)
  const columns = columnsIn(outcome.statements)
  return tables.map(({ relation, alias }) => {
    const mine = columns.filter(({ table }) => table === undefined || table === alias)
    return {
      model,
      relation,
      columns: mine.some(({ column }) => column === '*') ? 'all' : new Set(mine.map(({ column }) => column)),
      isSource: true,
    }
  })
}

function tablesIn(
  statements: readonly Node[],
): readonly { readonly relation: Named; readonly alias: string }[] {
  const queries = new Set<string>()
  const found: { relation: Named; alias: string }[] = []
  walk(statements, ({ node }) => {
    if ('CommonTableExpr' in node) queries.add(node.CommonTableExpr.ctename ?? '')
    if (!('RangeVar' in node)) return
    const relation = nameOf(node.RangeVar)
    found.push({ relation, alias: node.RangeVar.alias?.aliasname ?? relation.name })
  })
  return found.filter(({ relation }) => relation.schema !== undefined || !queries.has(relation.name))
}

/** `*` for whole rows; the star of count(*) is none of these. */
function columnsIn(
  statements: readonly Node[],
): readonly { readonly table: string | undefined; readonly column: string }[] {
  const found: { table: string | undefined; column: string }[] = []
  walk(statements, ({ node }) => {
    if (!('ColumnRef' in node)) return
    const names = namesOf(node.ColumnRef.fields)
    found.push({ table: names.at(-2), column: names.at(-1) ?? '' })
    // A table's alias alone is its whole row.
    if (names.length === 1 && names[0] !== undefined) found.push({ table: names[0], column: '*' })
  })
  return found
}

/** The names of the models that use a relation, or one column of it, for a message: `read models feed and inbox`. */
export function usersOf(uses: readonly ModelUse[], relation: Named, column?: string): string | undefined {
  const models = uses
    .filter((it) => isSame(it.relation, relation))
    .filter(({ columns }) => column === undefined || columns === 'all' || columns.has(column))
    .map(({ model }) => model.name)
  return inWords([...new Set(models)].sort())
}

/** Those that follow its changes. */
export function followersOf(uses: readonly ModelUse[], relation: Named): string | undefined {
  return usersOf(
    uses.filter(({ isSource }) => isSource),
    relation,
  )
}

function inWords(names: readonly string[]): string | undefined {
  const last = names.at(-1)
  if (last === undefined) return undefined
  if (names.length === 1) return `read model ${last}`
  return `read models ${names.slice(0, -1).join(', ')} and ${last}`
}
