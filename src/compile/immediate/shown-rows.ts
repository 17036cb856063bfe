import type { Immediacy } from '../../analyze/immediate.ts'
import type { Analysis } from '../../analyze/analysis.ts'
import { targetsOf } from '../../analyze/ast/nodes.ts'
import type { CanonicalQuery } from '../../catalog/catalog.ts'
import { deparseExpression } from '../../sql/deparse.ts'
import { parseExpression, type Node, type SelectStmt } from '../../sql/parse.ts'
import type { FoldLayout } from '../fold/fold-layout.ts'

/** The hidden column that tells whether readers see a row. */
export const SHOWN = 'millrace_shown'

/**
 * How a model is stored that is kept by adding and whose rows are those of one table, its root. There is a row for each
 * row of the root, those that WHERE keeps out too, since what is added up for them must not be forgotten; and, within a
 * statement that has not come to its root's row yet, for children that came first.
 *
 * `millrace_shown`: true for a row of the query; false where WHERE keeps the root's row out; null where there is no
 * root's row. Unless it is true, all columns are null but the key and what is added up.
 */
export interface ShownRows extends FoldLayout {
  readonly condition: Node | null
  /** Columns that come from the root's row alone, its key left out; expressions over the query's own alias. */
  readonly own: readonly { readonly column: string; readonly type: string; readonly value: Node }[]
}

export function layShownRows(
  query: CanonicalQuery,
  analysis: Analysis,
  layout: FoldLayout,
  { condition }: Extract<Immediacy, { kind: 'rows' }>,
): ShownRows {
  const key = analysis.unit.map(({ name }) => name)
  const states = layout.columns.flatMap((it) => it.states.map(({ column }) => column))
  const folded = layout.columns.map(({ name }) => name)
  const types = [...query.columns, ...layout.hidden]
  const columns = targetsOf(layout.select).map(({ value }, i) => ({
    column: types[i]?.name ?? '',
    type: types[i]?.type ?? '',
    value,
  }))
  const targetList = columns.map(({ column, type, value }) => {
    const isKept = key.includes(column) || states.includes(column) || condition === null
    return { ResTarget: { name: column, val: isKept ? value : whereShown(condition, value, type) } }
  })
  const shown = parseExpression(
    condition === null ? 'true' : `coalesce(${deparseExpression(condition).text}, false)`,
  )
  return {
    ...layout,
    hidden: [...layout.hidden, { name: SHOWN, type: 'boolean', collation: null, hidden: true }],
    select: withoutWhere({
      ...layout.select,
      targetList: [...targetList, { ResTarget: { name: SHOWN, val: shown } }],
    }),
    condition,
    own: columns.filter(({ column }) => ![...key, ...states, ...folded].includes(column)),
  }
}

function withoutWhere(select: SelectStmt): SelectStmt {
  return Object.fromEntries(Object.entries(select).filter(([name]) => name !== 'whereClause'))
}

/** The value in rows that readers see; elsewhere it may not even be possible to compute it. */
function whereShown(condition: Node, value: Node, type: string): Node {
  const [when, then] = [deparseExpression(condition), deparseExpression(value)]
  return parseExpression(`(case when ${when.text} then ${then.text} end)::${type}`)
}
