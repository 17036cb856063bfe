import type {
  Analysis,
  FirstOfGroup,
  FirstRow,
  FoldedOutput,
  FoldedSubquery,
  FoldedValue,
  Folds,
  FoldState,
  SortColumn,
} from '../../analyze/analysis.ts'
import { columnRef, namesOf, targetsOf } from '../../analyze/ast/nodes.ts'
import { mapTree } from '../../analyze/ast/walk.ts'
import { hasLimit } from '../../analyze/barriers.ts'
import { TRUE } from '../../analyze/edges.ts'
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
  readonly firsts: readonly PlacedFirst[]
}

/** A first row: which rows it is the first of, and the stored columns that hold its values. */
export interface PlacedFirst {
  readonly occurrence: string
  /** Besides the occurrence's own, over its alias; null: all rows. */
  readonly filter: Node | null
  readonly order: readonly (PlacedValue & SortColumn)[]
  /** Values that rows are not sorted by. */
  readonly shown: readonly PlacedValue[]
  /** The output column that is made of it; null: the whole row is. */
  readonly of: FoldedColumn | null
}

export interface PlacedValue {
  readonly column: string
  /** Over the occurrence's alias. */
  readonly value: Node
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
  const { first } = analysis.folds
  return [
    ...foldedOutputs(analysis).flatMap(({ folded }) => folded.subqueries.map((it) => it.occurrence)),
    ...(first === null ? [] : [first.occurrence]),
  ]
}

export function describeFolds({ folds }: Analysis, query: CanonicalQuery): readonly PlanFold[] {
  return folds.outputs.map(({ output, folded, because }) => ({
    column: query.columns[output]?.name ?? '',
    foldable: folded !== null || folds.first !== null,
    because,
  }))
}

/** Gives each state and each carried value a stored column. */
export function layFolds(query: CanonicalQuery, analysis: Analysis): FoldLayout {
  const { select } = analysis
  if (analysis.folds.first !== null) return layFirst(query, analysis, analysis.folds.first)
  const isGrouped = analysis.folds.kind === 'groups'
  const hidden: HiddenColumn[] = []
  const hide = (of: string, part: string, type: string, collation: string | null, value: Node) => {
    const column = { name: freeName(query, of, part), type, collation, hidden: true }
    hidden.push({ column, value })
    return column.name
  }

  const columns = foldedOutputs(analysis).map(({ output, folded }): FoldedColumn => {
    const name = query.columns[output]?.name ?? ''
    const isItself = (state: FoldState) => shapeOf(folded.value) === shapeOf(columnRef(FOLD, state.name))
    const states = folded.subqueries.flatMap(({ occurrence, states: own }, i) => {
      const table = tableName(output, i)
      return own.map((state): PlacedState => {
        const computed = isGrouped ? computedState(state) : columnRef(table, state.name)
        const column = isItself(state) ? name : hide(name, state.name, state.type, state.collation, computed)
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
    firsts: columns.flatMap((column, i) =>
      (foldedOutputs(analysis)[i]?.folded.subqueries ?? []).flatMap(({ occurrence, firsts }) =>
        firsts.map((first) => placed(first, occurrence, column)),
      ),
    ),
  }
}

function placed({ filter, order, states }: FirstRow, occurrence: string, of: FoldedColumn): PlacedFirst {
  const valueOf = (name: string): PlacedValue => {
    const state = of.states.find((it) => it.name === name)
    if (state?.argument == null) throw new Error(`no state ${name}`)
    return { column: state.column, value: state.argument }
  }
  const sorted = order.map(({ state, ...direction }) => ({ ...direction, ...valueOf(state) }))
  const others = states.filter((name) => !order.some(({ state }) => state === name))
  return { occurrence, filter, order: sorted, shown: others.map(valueOf), of }
}

/** The row of each group is its first: what it is sorted by and does not show is kept beside it. */
function layFirst(query: CanonicalQuery, { select, unit }: Analysis, first: FirstOfGroup): FoldLayout {
  const hidden: HiddenColumn[] = []
  const order = first.order.map(({ value, inQuery, output, type, collation, ...direction }, i) => {
    if (output !== null) return { ...direction, value, column: query.columns[output]?.name ?? '' }
    const name = freeName(query, unit[0]?.name ?? '', `o${String(i + 1)}`)
    hidden.push({ column: { name, type, collation, hidden: true }, value: inQuery })
    return { ...direction, value, column: name }
  })
  const shown = first.shown.map(({ output, value }) => ({ column: query.columns[output]?.name ?? '', value }))
  return {
    kind: 'first',
    columns: [],
    hidden: hidden.map(({ column }) => column),
    select: withTargets(select, hidden),
    firsts: [
      {
        occurrence: first.occurrence,
        filter: null,
        order,
        shown: shown.filter((it) => !order.some(({ column }) => column === it.column)),
        of: null,
      },
    ],
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
    folded.subqueries.map((it, i) => ({ table: asTable(it, tableName(output, i)), of: it.select })),
  )
  const fromClause = subqueries.reduce(
    (from, { table, of }) => (hasLimit(of) ? withOptional(from, table) : [...from, table]),
    select.fromClause ?? [],
  )
  return { ...select, targetList, fromClause }
}

/** What aggregates yields a row always; what limits may yield none. */
function withOptional(from: readonly Node[], table: Node): Node[] {
  const last = from.at(-1)
  if (last === undefined) throw new Error('a subquery that is tied to no table')
  const joined: Node = { JoinExpr: { jointype: 'JOIN_LEFT', larg: last, rarg: table, quals: TRUE } }
  return [...from.slice(0, -1), joined]
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
function computedState({ kind, value }: FoldState): Node {
  return kind === 'sum' ? parseExpression(`coalesce(${deparseExpression(value).text}, 0)`) : value
}

/** States that are added to. */
export function numbersOf({ columns }: FoldLayout): readonly PlacedState[] {
  return columns.flatMap((column) => column.states.filter(isNumber))
}

export function isNumber({ kind }: FoldState): boolean {
  return kind !== 'first'
}

export function replaceStates(value: Node, column: FoldedColumn, by: (state: PlacedState) => Node): Node {
  return mapTree(value, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [table, name] = namesOf(node.ColumnRef.fields)
    const state = table === FOLD ? column.states.find((it) => it.name === name) : undefined
    return state && by(state)
  })
}
