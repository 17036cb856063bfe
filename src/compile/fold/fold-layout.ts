import type {
  Analysis,
  FoldedOutput,
  FoldedSubquery,
  FoldedValue,
  Folds,
  FoldState,
} from '../../analyze/analysis.ts'
import { columnRef, namesOf, targetsOf } from '../../analyze/ast/nodes.ts'
import { mapTree } from '../../analyze/ast/walk.ts'
import { FOLD } from '../../analyze/folding.ts'
import type { CanonicalQuery } from '../../catalog/catalog.ts'
import { deparseExpression, shapeOf } from '../../sql/deparse.ts'
import { hiddenColumn } from '../../sql/names.ts'
import { parseExpression, type Node, type SelectStmt } from '../../sql/parse.ts'
import type { PlanColumn, PlanFold } from '../plan.ts'

/** Where the numbers that folds add to are kept in the stored table. */
export interface FoldLayout {
  readonly kind: Folds['kind']
  readonly columns: readonly FoldedColumn[]
  /** Stored columns that the query does not have, after all that it has. */
  readonly hidden: readonly PlanColumn[]
  /**
   * The query with the hidden columns added. A folded subquery stands once, in FROM: the column and its states are read
   * from the same rows at the cost of one look.
   */
  readonly select: SelectStmt
}

export interface FoldedColumn {
  readonly name: string
  /** Over `millrace_fold` and the query's own tables. */
  readonly value: Node
  readonly mayFail: boolean
  readonly states: readonly PlacedState[]
  readonly carried: readonly { readonly reference: Node; readonly column: string }[]
}

export interface PlacedState extends FoldState {
  readonly occurrence: string
  /** The stored column that holds it: its own, or the output column where that is just this count. */
  readonly column: string
  /** The table of the rewritten FROM that computes it. */
  readonly table: string
}

type Folded = FoldedOutput & { readonly folded: FoldedValue }

export function foldedOutputs({ folds }: Analysis): readonly Folded[] {
  return folds.outputs.filter((it): it is Folded => it.folded !== null)
}

/** Occurrences whose changes are added, so that their paths need not be followed when draining. */
export function foldedOccurrences(analysis: Analysis): readonly string[] {
  return foldedOutputs(analysis).flatMap(({ folded }) => folded.subqueries.map((it) => it.occurrence))
}

export function describeFolds({ folds }: Analysis, query: CanonicalQuery): readonly PlanFold[] {
  return folds.outputs.map(({ output, folded, because }) => ({
    column: query.columns[output]?.name ?? '',
    foldable: folded !== null,
    because,
  }))
}

/** Gives each state and each carried value a stored column. */
export function layFolds(query: CanonicalQuery, analysis: Analysis): FoldLayout {
  const { select } = analysis
  const isGrouped = analysis.folds.kind === 'groups'
  const hidden: HiddenColumn[] = []
  const hide = (of: string, part: string, type: string, collation: string | null, value: Node) => {
    const column = { name: freeName(query, of, part), type, collation, hidden: true }
    hidden.push({ column, value })
    return column.name
  }

  const columns = foldedOutputs(analysis).map(({ output, folded }): FoldedColumn => {
    const name = query.columns[output]?.name ?? ''
    const isCount = (state: FoldState) => shapeOf(folded.value) === shapeOf(columnRef(FOLD, state.name))
    const states = folded.subqueries.flatMap(({ occurrence, states: own }, i) => {
      const table = tableName(output, i)
      return own.map((state): PlacedState => {
        const computed = isGrouped ? computedState(state) : columnRef(table, state.name)
        const column = isCount(state) ? name : hide(name, state.name, state.type, null, computed)
        return { ...state, occurrence, column, table }
      })
    })
    const carried = folded.carried.map(({ reference, output: at, type, collation }, i) => ({
      reference,
      column:
        at === null
          ? hide(name, `c${String(i + 1)}`, type, collation, reference)
          : (query.columns[at]?.name ?? ''),
    }))
    return { name, value: folded.value, mayFail: folded.mayFail, states, carried }
  })
  return {
    kind: analysis.folds.kind,
    columns,
    hidden: hidden.map(({ column }) => column),
    select: withTargets(isGrouped ? select : withSubqueries(select, analysis, columns), hidden),
  }
}

function tableName(output: number, subquery: number): string {
  return `${FOLD}_${String(output + 1)}_${String(subquery + 1)}`
}

function freeName(query: CanonicalQuery, of: string, part: string): string {
  const name = hiddenColumn(of, part)
  return query.columns.some((it) => it.name === name) ? freeName(query, of, `_${part}`) : name
}

interface HiddenColumn {
  readonly column: PlanColumn
  readonly value: Node
}

function withTargets(select: SelectStmt, hidden: readonly HiddenColumn[]): SelectStmt {
  if (hidden.length === 0) return select
  const added = hidden.map(({ column, value }) => ({ ResTarget: { name: column.name, val: value } }))
  return { ...select, targetList: [...(select.targetList ?? []), ...added] }
}

/** Moves the folded subqueries to FROM; the columns read their states there. */
function withSubqueries(
  select: SelectStmt,
  analysis: Analysis,
  columns: readonly FoldedColumn[],
): SelectStmt {
  const outputs = foldedOutputs(analysis)
  if (outputs.length === 0) return select

  const targetList = targetsOf(select).map(({ name, value }, output) => {
    const column = columns[outputs.findIndex((it) => it.output === output)]
    const moved = column && replaceStates(column.value, column, (state) => columnRef(state.table, state.name))
    return { ResTarget: { ...(name !== undefined && { name }), val: moved ?? value } }
  })
  const subqueries = outputs.flatMap(({ output, folded }) =>
    folded.subqueries.map((it, i) => asTable(it, tableName(output, i))),
  )
  return { ...select, targetList, fromClause: [...(select.fromClause ?? []), ...subqueries] }
}

/** The subquery as a table of one row, whose columns are its states. */
function asTable({ select, states }: FoldedSubquery, name: string): Node {
  const targetList = states.map((state) => ({ ResTarget: { name: state.name, val: computedState(state) } }))
  return {
    RangeSubselect: {
      lateral: true,
      subquery: { SelectStmt: { ...select, targetList } },
      alias: { aliasname: name },
    },
  }
}

/** A sum over no rows is kept as 0: adding to null gives null. */
function computedState({ kind, aggregate }: FoldState): Node {
  return kind === 'count' ? aggregate : parseExpression(`coalesce(${deparseExpression(aggregate).text}, 0)`)
}

export function replaceStates(value: Node, column: FoldedColumn, by: (state: PlacedState) => Node): Node {
  return mapTree(value, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [table, name] = namesOf(node.ColumnRef.fields)
    const state = table === FOLD ? column.states.find((it) => it.name === name) : undefined
    return state && by(state)
  })
}
