import { shapeOf } from '../../sql/deparse.ts'
import { findRelation, type CanonicalQuery } from '../../catalog/catalog.ts'
import { parseSelect, type ColumnRef, type Node, type RangeVar, type SelectStmt } from '../../sql/parse.ts'
import { columnRef, isSetOperation, namesOf, outputNames, selectIn } from '../ast/nodes.ts'
import { mapTree, walk } from '../ast/walk.ts'
import { columnsOfFunction } from '../table-names.ts'
import { joinOf } from './joins.ts'
import {
  columnsOfSelect,
  findBare,
  findColumn,
  subquery,
  type Item,
  type Names,
  type Scope,
} from './scope.ts'

/**
 * Says a canonical query in fewer forms, and means the same: each reference to a common table expression or to a view is a
 * subquery in FROM, RIGHT joins are LEFT joins, USING is ON, no join has an alias. Whatever comes after knows
 * only these. Tables keep their location, those of a view have that of the view: that is how a problem finds its place.
 */
export function normalize(query: CanonicalQuery): SelectStmt {
  return new Normalizer(query).select(parseSelect(query.text), null, new Map())
}

export class Normalizer {
  readonly #query: CanonicalQuery
  /** Names of columns anywhere in the query and its views; `*` for a whole row. */
  readonly #named: ReadonlySet<string>

  constructor(query: CanonicalQuery) {
    this.#query = query
    this.#named = columnNames(query)
  }

  select(select: SelectStmt, parent: Scope | null, outer: Names): SelectStmt {
    const { withClause, ...own } = select
    const names = this.#nameQueries(withClause?.ctes ?? [], parent, outer)
    if (isSetOperation(own)) {
      const side = (it: SelectStmt | undefined) => it && this.select(it, parent, names)
      const [larg, rarg] = [side(own.larg), side(own.rarg)]
      return { ...own, ...(larg && { larg }), ...(rarg && { rarg }) }
    }

    const scope: Scope = { entries: new Map(), merged: new Map(), parent }
    const { fromClause: items, ...rest } = own
    const fromClause = items?.map((item) => this.from(item, scope, names).node)
    const rewritten = keepNames(rest, this.expression(rest, scope, names))
    return { ...rewritten, ...(fromClause && { fromClause }) }
  }

  /** An expression, or a structure of them, with names and subqueries rewritten. */
  expression<T>(tree: T, scope: Scope, names: Names): T {
    return mapTree(tree, ({ node }) => {
      if ('ColumnRef' in node) return this.#column(node.ColumnRef, scope)
      if (!('SubLink' in node)) return undefined
      const { testexpr, subselect } = node.SubLink
      const inner = this.select(selectIn(subselect), scope, names)
      const tested = testexpr && this.expression(testexpr, scope, names)
      return {
        SubLink: { ...node.SubLink, subselect: { SelectStmt: inner }, ...(tested && { testexpr: tested }) },
      }
    })
  }

  /** One item of FROM; its names are added to the scope. */
  from(item: Node, scope: Scope, names: Names): Item {
    if ('JoinExpr' in item) return joinOf(this, item.JoinExpr, scope, names)
    if ('RangeVar' in item) return this.#table(item.RangeVar, scope, names)
    if ('RangeSubselect' in item) {
      const { subquery, alias, lateral } = item.RangeSubselect
      const visible = lateral === true ? scope : scope.parent
      const inner = this.select(selectIn(subquery), visible, names)
      const columns = columnsOfSelect(inner, namesOf(alias?.colnames))
      return enter(scope, alias?.aliasname ?? '', columns, {
        RangeSubselect: { ...item.RangeSubselect, subquery: { SelectStmt: inner } },
      })
    }
    if ('RangeFunction' in item) {
      const columns = columnsOfFunction(item.RangeFunction)
      const alias = item.RangeFunction.alias?.aliasname ?? ''
      return enter(scope, alias, columns, this.expression(item, scope, names))
    }
    return { node: item, columns: [] }
  }

  #table(range: RangeVar, scope: Scope, names: Names): Item {
    const { schemaname, relname = '', alias } = range
    const aliasname = alias?.aliasname ?? relname
    const renamed = namesOf(alias?.colnames)
    const named = schemaname === undefined ? names.get(relname) : undefined
    if (named !== undefined) {
      const inner = this.select(named.select, named.scope, named.names)
      const columns = columnsOfSelect(inner, rename(named.columns, renamed))
      return enter(scope, aliasname, columns, subquery(inner, aliasname, columns))
    }

    const relation = findRelation(this.#query, schemaname ?? '', relname)
    const columns = rename(relation?.columns.map(({ name }) => name) ?? [], renamed)
    const definition = relation?.definition ?? null
    if (definition === null) return enter(scope, aliasname, columns, { RangeVar: { ...range } })
    const view = withLocation(parseSelect(definition), range.location)
    const whole = this.select(view, null, new Map())
    if (relation?.readModel === undefined) {
      return enter(scope, aliasname, columns, subquery(whole, aliasname, columns))
    }
    // Where readers see every row, the stored table says the same, and what is over one table can fold.
    const [stored] = whole.fromClause ?? []
    const isPlain = whole.whereClause === undefined && renamed.length === 0 && !this.#named.has('*')
    if (isPlain && stored !== undefined && 'RangeVar' in stored) {
      return enter(scope, aliasname, columns, { RangeVar: { ...stored.RangeVar, alias: { aliasname } } })
    }
    // Its other columns may change often, and are nobody's business.
    const isRead = columns.map((name) => this.#named.has(name) || this.#named.has('*'))
    const own = columns.filter((_, i) => isRead[i])
    const inner = { ...whole, targetList: (whole.targetList ?? []).filter((_, i) => isRead[i]) }
    return enter(scope, aliasname, own, subquery(inner, aliasname, own))
  }

  /** Each query sees those before it. */
  #nameQueries(ctes: readonly Node[], scope: Scope | null, outer: Names): Names {
    let names = outer
    for (const cte of ctes) {
      if (!('CommonTableExpr' in cte)) continue
      const { ctename = '', ctequery, aliascolnames } = cte.CommonTableExpr
      const select = selectIn(ctequery)
      const named = { select, columns: namesOf(aliascolnames), scope, names }
      names = new Map([...names, [ctename, named]])
    }
    return names
  }

  #column(ref: ColumnRef, scope: Scope): Node | undefined {
    const [table = '', column] = namesOf(ref.fields)
    return column === undefined ? findBare(scope, table) : findColumn(scope, table, column)
  }
}

/** The server calls every column by its name, that of a table or that which an alias gives it. */
function columnNames({ text, relations }: CanonicalQuery): ReadonlySet<string> {
  if (relations.every(({ readModel }) => readModel === undefined)) return new Set()
  const views = relations.flatMap(({ definition, readModel }) =>
    definition === null || readModel !== undefined ? [] : [definition],
  )
  const names = new Set<string>()
  for (const it of [text, ...views]) {
    walk({ SelectStmt: parseSelect(it) }, ({ node }) => {
      if ('ColumnRef' in node) names.add(namesOf(node.ColumnRef.fields).at(-1) ?? '*')
      if ('JoinExpr' in node) for (const name of namesOf(node.JoinExpr.usingClause)) names.add(name)
    })
  }
  return names
}

function enter(scope: Scope, alias: string, columns: readonly string[], node: Node): Item {
  scope.entries.set(alias, { columns, values: null })
  return { node, columns: columns.map((name) => ({ name, value: columnRef(alias, name) })) }
}

/** An alias may rename the first columns only. */
function rename(columns: readonly string[], names: readonly string[]): readonly string[] {
  return [...names, ...columns.slice(names.length)]
}

/** A bare column gives its name to the output, which must stay when something else comes in its place. */
function keepNames(before: SelectStmt, after: SelectStmt): SelectStmt {
  if (after.targetList === undefined) return after
  const [names, own] = [outputNames(before), outputNames(after)]
  const targetList = after.targetList.map((it, i) => {
    const isNamed = !('ResTarget' in it) || it.ResTarget.name !== undefined
    const isSame = shapeOf(it) === shapeOf(before.targetList?.[i]) || names[i] === own[i]
    return isNamed || isSame ? it : { ResTarget: { ...it.ResTarget, name: names[i] ?? '' } }
  })
  return { ...after, targetList }
}

function withLocation(select: SelectStmt, location: number | undefined): SelectStmt {
  return mapTree(select, ({ node }) =>
    'RangeVar' in node && location !== undefined ? { RangeVar: { ...node.RangeVar, location } } : undefined,
  )
}
