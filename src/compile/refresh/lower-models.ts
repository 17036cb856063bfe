import { mapTree } from '../../analyze/ast/walk.ts'
import { findRelation, type CanonicalQuery } from '../../catalog/catalog.ts'
import { deparseSelect } from '../../sql/deparse.ts'
import { strictViewName } from '../../sql/names.ts'
import { parseSelect, type SelectStmt } from '../../sql/parse.ts'
import { qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import { lowerModel, type LowerModel } from '../chain.ts'
import type { Plan } from '../plan.ts'
import type { RefreshPlan } from './refresh-plan.ts'

/** The read models that a query names, or a view that it reads. */
export function lowerModels(
  { relations }: CanonicalQuery,
  plans: readonly (Plan | RefreshPlan)[],
): readonly LowerModel[] {
  const named = relations.flatMap(({ readModel }) =>
    readModel === undefined ? [] : [readModel.storage.name],
  )
  return plans.filter(({ storage }) => named.includes(storage.name)).map(lowerModel)
}

/** The query over the strict read of each read model that it names. Its text stays as it is where it names none. */
export function overStrictReads(query: CanonicalQuery, lower: readonly LowerModel[]): string {
  return inPlaceOfNames(query, lower, ({ model }) => {
    return sql`select * from ${qualified(strictViewName(model))}`
  })
}

/** The query with the query of each read model in place of its name. */
export function overQueries(query: CanonicalQuery, lower: readonly LowerModel[]): string {
  return inPlaceOfNames(query, lower, ({ chain }) => sql`select * from (\n${trusted(chain.query)}\n) as live`)
}

function inPlaceOfNames(
  query: CanonicalQuery,
  lower: readonly LowerModel[],
  rowsOf: (model: LowerModel) => Sql,
): string {
  if (lower.length === 0) return query.text
  const subquery = (select: SelectStmt, name: string, alias: object | undefined) => ({
    RangeSubselect: { subquery: { SelectStmt: select }, alias: alias ?? { aliasname: name } },
  })
  const replace = (select: SelectStmt): SelectStmt =>
    mapTree(select, ({ node }) => {
      if (!('RangeVar' in node)) return undefined
      const { schemaname: schema = '', relname: name = '', alias } = node.RangeVar
      const relation = findRelation(query, schema, name)
      const model = lower.find((it) => it.model.schema === schema && it.model.name === name)
      if (model !== undefined) return subquery(parseSelect(rowsOf(model).text), name, alias)
      // A view may name a model, too; what it reads itself is the same either way.
      if (relation === undefined || relation.definition === null) return undefined
      return subquery(replace(parseSelect(relation.definition)), name, alias)
    })
  return deparseSelect(replace(parseSelect(query.text))).text
}
