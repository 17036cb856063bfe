import { aggregates } from '../../analyze/aggregates.ts'
import { branchesOf, functionName, outputNames } from '../../analyze/ast/nodes.ts'
import { walk } from '../../analyze/ast/walk.ts'
import type { CanonicalQuery } from '../../catalog/catalog.ts'
import { shapeOf } from '../../sql/deparse.ts'
import type { SelectStmt } from '../../sql/parse.ts'
import { closure, type Dependence } from './dependence.ts'
import { isConstant, rowsOf, rowToken, tokenOf, valueRule, valuesOf, type Item } from './rows.ts'

/** More columns than these in a key, or to choose it from, are not looked at, except for all columns together. */
const MAX_KEY = 4
const MAX_COLUMNS = 16

/** A set of output columns, by position, with no other key in it. */
export type Key = readonly number[]

/**
 * The minimal sets of output columns that identify a row of the query, by what the catalog promises: unique, not null indexes
 * of the tables, equalities that every row meets, GROUP BY, DISTINCT. Data is not looked at. A query of which no set is known
 * gives none, also where its rows happen to differ; one that has a single row gives the empty set.
 */
export function keysOfSelect(
  query: CanonicalQuery,
  select: SelectStmt,
): { readonly outputs: readonly string[]; readonly keys: readonly Key[] } {
  const outputs = outputNames(select)
  const identifies = identifierOf(query, select)
  const all = outputs.map((_, i) => i)
  const columns = all.slice(0, MAX_COLUMNS)
  const keys: Key[] = []
  for (let size = 0; size <= Math.min(MAX_KEY, columns.length); size += 1) {
    for (const key of subsets(columns, size)) {
      const isMinimal = !keys.some((known) => known.every((it) => key.includes(it)))
      if (isMinimal && identifies(key)) keys.push(key)
    }
  }
  return { outputs, keys: keys.length === 0 && identifies(all) ? [all] : keys }
}

function* subsets(columns: readonly number[], size: number): Generator<Key> {
  if (size === 0) yield []
  else {
    for (const [i, first] of columns.entries()) {
      for (const rest of subsets(columns.slice(i + 1), size - 1)) yield [first, ...rest]
    }
  }
}

type Identifies = (key: Key) => boolean

/** Tells of a set of outputs whether it identifies a row. */
function identifierOf(query: CanonicalQuery, select: SelectStmt): Identifies {
  const { op = 'SETOP_NONE', all = false, larg, rarg } = select
  if (op === 'SETOP_NONE') return plainIdentifier(query, select)
  if (larg === undefined || rarg === undefined) return () => false

  const width = outputNames(select).length
  const hasAll: Identifies = (key) => !all && key.length === width
  if (op === 'SETOP_UNION') {
    const branches = [larg, rarg].map((it) => identifierOf(query, it))
    const told = toldApart(larg, rarg)
    return (key) => hasAll(key) || (key.some((it) => told.includes(it)) && branches.every((it) => it(key)))
  }
  // What INTERSECT and EXCEPT leave are rows of the first query.
  const first = identifierOf(query, larg)
  return (key) => hasAll(key) || first(key)
}

/** Outputs that are a constant in each branch of both sides, and never the same on the one side as on the other. */
function toldApart(left: SelectStmt, right: SelectStmt): readonly number[] {
  const [ours, theirs] = [left, right].map((side) => branchesOf(side).map(valuesOf))
  const width = ours?.[0]?.length ?? 0
  return [...Array(width).keys()].filter((i) => {
    const [own, other] = [ours, theirs].map((branches) => (branches ?? []).map((values) => values[i]))
    const values = [...(own ?? []), ...(other ?? [])]
    if (!values.every((it) => it !== undefined && isConstant(it))) return false
    return (own ?? []).every((it) => !(other ?? []).some((their) => shapeOf(their) === shapeOf(it)))
  })
}

function plainIdentifier(query: CanonicalQuery, select: SelectStmt): Identifies {
  const facts = factsOf(query, select)
  if (facts === undefined) return () => false
  const { outputs, rules, goals } = facts
  return (key) => {
    const settled = closure(
      key.map((i) => outputs[i] ?? ''),
      rules,
    )
    return goals.some((goal) => goal.every((it) => settled.has(it)))
  }
}

/** What one SELECT without set operations says about its rows. */
export interface Facts {
  /** The tokens of its output columns. */
  readonly outputs: readonly string[]
  readonly rules: readonly Dependence[]
  /** A row is settled if all of any of these is. */
  readonly goals: readonly (readonly string[])[]
  readonly items: readonly Item[]
}

/** Undefined where a row may come several times, and nothing tells one from the other. */
export function factsOf(query: CanonicalQuery, select: SelectStmt): Facts | undefined {
  const values = valuesOf(select)
  if (select.valuesLists !== undefined || multipliesRows(query, values)) return undefined
  const { items, rules } = rowsOf(query, select)
  const groups = select.groupClause ?? []
  if (groups.some((it) => 'GroupingSet' in it)) return undefined

  const outputs = values.map(tokenOf)
  const isGrouped = groups.length > 0 || select.havingClause !== undefined || aggregates(query, select)
  const rows = isGrouped ? groups.map(tokenOf) : items.map(({ alias }) => rowToken(alias))
  const distinct = select.distinctClause
  const isOn = distinct?.some((it) => Object.keys(it).length > 0) === true
  return {
    items,
    outputs,
    rules: [
      ...rules,
      ...[...values, ...groups].flatMap(valueRule),
      ...values.flatMap((it) => (isConstant(it) ? [{ from: [], to: tokenOf(it) }] : [])),
    ],
    goals: [
      rows,
      ...(distinct === undefined || distinct.length === 0 ? [] : [isOn ? distinct.map(tokenOf) : outputs]),
    ],
  }
}

/** A set-returning function in the select list. */
function multipliesRows({ calls }: CanonicalQuery, values: readonly unknown[]): boolean {
  const names = calls.filter((it) => it.returnsSet).map((it) => it.name)
  let found = false
  walk(values, ({ node }) => {
    if ('SubLink' in node) return 'skip'
    if ('FuncCall' in node && names.includes(functionName(node.FuncCall))) found = true
    return undefined
  })
  return found
}
