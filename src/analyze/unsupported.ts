import type { ErrorCode } from '../errors.ts'
import type { FuncCall, Node, SelectStmt } from '../sql/parse.ts'
import { functionName, subqueryOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'

/** A construct that cannot be kept, and where it stands: a byte offset into the text that was parsed. */
export interface Unsupported {
  readonly code: ErrorCode
  readonly detail: string
  readonly hint: string
  readonly location: number | undefined
}

interface Context {
  /** Nothing above: LIMIT there selects rows of the answer. */
  readonly isRoot: boolean
  readonly isSubquery: boolean
}

type Finding = Omit<Unsupported, 'location'> & { readonly location?: number | undefined }

/**
 * Walks a query for constructs that are refused whatever they mean. Run on the user's own tree first, which has the
 * positions, and then on the server's, which shows what a view or a star hid.
 */
export function findUnsupported(select: SelectStmt): readonly Unsupported[] {
  return inSelect(select, { isRoot: true, isSubquery: false }).map((it) => ({ location: undefined, ...it }))
}

function inSelect(select: SelectStmt, context: Context): readonly Finding[] {
  const found: Finding[] = [
    withClause(select),
    setOperation(select),
    distinct(select),
    limit(select, context),
    rowLock(select),
    groupingSets(select),
  ].flatMap((it) => it ?? [])

  const isBranch = select.op !== undefined && select.op !== 'SETOP_NONE'
  if (isBranch) {
    for (const side of [select.larg, select.rarg])
      if (side !== undefined) found.push(...inSelect(side, context))
    return found
  }

  walk(Object.values(select), ({ node }) => {
    found.push(...inNode(node))
    const subquery = subqueryOf(node)
    if (subquery === undefined) return undefined
    found.push(...inSelect(subquery, { isRoot: false, isSubquery: 'SubLink' in node }))
    return 'skip'
  })
  return found
}

function withClause({ withClause: clause }: SelectStmt): Finding | undefined {
  if (clause === undefined) return undefined
  const code = 'UNSUPPORTED_COMMON_TABLE_EXPRESSION'
  return {
    code,
    detail: 'found WITH',
    hint: 'Write the named query as a subquery in FROM.',
    // The parser leaves a 0 out: a query that begins with WITH.
    location: clause.location ?? 0,
  }
}

function setOperation({ op, all, rarg }: SelectStmt): Finding | undefined {
  if (op === undefined || op === 'SETOP_NONE' || (op === 'SETOP_UNION' && all === true)) return undefined
  const name = op.replace('SETOP_', '') + (all === true ? ' ALL' : '')
  return {
    code: 'UNSUPPORTED_SET_OPERATION',
    detail: `found ${name}`,
    hint: 'Use UNION ALL, or EXISTS and NOT EXISTS.',
    location: firstLocation(rarg),
  }
}

function distinct({ distinctClause, targetList }: SelectStmt): Finding | undefined {
  if (distinctClause === undefined || distinctClause.length === 0) return undefined
  const hint = 'Group by the columns instead, or keep every row.'
  return {
    code: 'UNSUPPORTED_DISTINCT',
    detail: 'found DISTINCT',
    hint,
    location: locationOf(targetList?.[0]),
  }
}

function limit(
  { limitCount, limitOffset }: SelectStmt,
  { isRoot, isSubquery }: Context,
): Finding | undefined {
  const clause = limitCount ?? limitOffset
  // The server writes LIMIT ALL as a null constant. In a subquery that is looked up row by row LIMIT is harmless.
  if (clause === undefined || isSubquery || ('A_Const' in clause && clause.A_Const.isnull === true))
    return undefined
  const hint = isRoot
    ? 'Keep all rows, with an index in that order, and put the LIMIT into the query that reads them.'
    : 'Use a correlated subquery in the select list for the first row.'
  return { code: 'UNSUPPORTED_LIMIT', detail: 'found LIMIT or OFFSET', hint, location: locationOf(clause) }
}

function rowLock({ lockingClause, fromClause }: SelectStmt): Finding | undefined {
  if (lockingClause === undefined || lockingClause.length === 0) return undefined
  return {
    code: 'UNSUPPORTED_ROW_LOCK',
    detail: 'found FOR UPDATE or FOR SHARE',
    hint: 'Leave the locking clause out.',
    // The clause itself has no location: the table whose rows it would lock.
    location: firstLocation(fromClause),
  }
}

function groupingSets({ groupClause }: SelectStmt): Finding | undefined {
  const set = groupClause?.find((item) => 'GroupingSet' in item)
  if (set === undefined) return undefined
  const hint = 'Keep one read model for each grouping.'
  return {
    code: 'UNSUPPORTED_GROUPING_SETS',
    detail: 'found a grouping set',
    hint,
    location: locationOf(set),
  }
}

function inNode(node: Node): readonly Finding[] {
  if ('JoinExpr' in node) return join(node)
  if ('SubLink' in node) return subqueryComparison(node)
  if ('FuncCall' in node) return windowFunction(node.FuncCall)
  if ('JsonArrayAgg' in node || 'JsonObjectAgg' in node || 'JsonArrayQueryConstructor' in node) {
    return [{ ...JSON_AGGREGATE, location: firstLocation(node) }]
  }
  return fromItem(node)
}

const JOIN_NAMES: Readonly<Record<string, string>> = { JOIN_RIGHT: 'RIGHT JOIN', JOIN_FULL: 'FULL JOIN' }

function join(node: Extract<Node, { JoinExpr: unknown }>): readonly Finding[] {
  const { jointype, usingClause, isNatural, alias, rarg } = node.JoinExpr
  const location = locationOf(rarg)
  const code = 'UNSUPPORTED_JOIN'
  const name = JOIN_NAMES[jointype ?? '']
  if (name !== undefined) {
    const hint =
      name === 'RIGHT JOIN'
        ? 'Write it as a LEFT JOIN with the sides exchanged.'
        : 'Write two LEFT JOINs joined by UNION ALL.'
    return [{ code, detail: `found ${name}`, hint, location }]
  }
  if (isNatural === true)
    return [{ code, detail: 'found NATURAL JOIN', hint: 'Write the condition with ON.', location }]
  if (usingClause !== undefined)
    return [{ code, detail: 'found USING', hint: 'Write the condition with ON.', location }]
  return alias === undefined
    ? []
    : [{ code, detail: 'found an alias on a join', hint: 'Give each table an alias instead.', location }]
}

function subqueryComparison(node: Extract<Node, { SubLink: unknown }>): readonly Finding[] {
  const { subLinkType, location } = node.SubLink
  if (subLinkType === 'EXISTS_SUBLINK' || subLinkType === 'EXPR_SUBLINK' || subLinkType === 'ARRAY_SUBLINK')
    return []
  const hint = 'Write EXISTS (select … where …) for IN, NOT EXISTS for NOT IN.'
  return [
    { code: 'UNSUPPORTED_SUBQUERY_COMPARISON', detail: 'found a comparison with a subquery', hint, location },
  ]
}

function windowFunction(call: FuncCall): readonly Finding[] {
  if (call.over === undefined) return []
  const hint = 'Keep the values and number the rows in the query that reads them.'
  return [
    {
      code: 'UNSUPPORTED_WINDOW_FUNCTION',
      detail: `found ${functionName(call)} () over`,
      hint,
      location: call.location,
    },
  ]
}

/** They have node types of their own, with an order that is easily forgotten; the functions can do the same. */
const JSON_AGGREGATE: Omit<Unsupported, 'location'> = {
  code: 'UNSUPPORTED_JSON_AGGREGATE',
  detail: 'found JSON_ARRAYAGG, JSON_OBJECTAGG or JSON_ARRAY over a query',
  hint: 'Use json_agg or json_object_agg with an ORDER BY.',
}

function fromItem(node: Node): readonly Finding[] {
  const code = 'UNSUPPORTED_FROM_ITEM'
  if ('RangeFunction' in node) {
    return [{ code, detail: 'found a function in FROM', hint: 'Use a table.', location: firstLocation(node) }]
  }
  if ('RangeTableSample' in node) {
    return [
      {
        code,
        detail: 'found TABLESAMPLE',
        hint: 'Leave TABLESAMPLE out: each reading would see other rows.',
        location: node.RangeTableSample.location,
      },
    ]
  }
  if ('RangeTableFunc' in node || 'JsonTable' in node) {
    return [
      {
        code,
        detail: 'found a table expression in FROM',
        hint: 'Use a table.',
        location: firstLocation(node),
      },
    ]
  }
  if ('RangeSubselect' in node) return derivedTable(node)
  return []
}

function derivedTable(node: Extract<Node, { RangeSubselect: unknown }>): readonly Finding[] {
  const { lateral, subquery } = node.RangeSubselect
  const location = firstLocation(subquery)
  const code = 'UNSUPPORTED_FROM_ITEM'
  if (lateral === true) {
    return [
      { code, detail: 'found LATERAL', hint: 'Use correlated subqueries in the select list.', location },
    ]
  }
  const hasValues =
    subquery !== undefined && 'SelectStmt' in subquery && subquery.SelectStmt.valuesLists !== undefined
  return hasValues ? [{ code, detail: 'found VALUES', hint: 'Put the rows into a table.', location }] : []
}

function locationOf(node: Node | undefined): number | undefined {
  return node === undefined ? undefined : firstLocation(node)
}

/** The first location within a tree: not every node has one of its own. */
function firstLocation(tree: unknown): number | undefined {
  let first: number | undefined
  walk(tree, ({ fields }) => {
    const { location } = fields
    if (typeof location === 'number' && (first === undefined || location < first)) first = location
  })
  return first
}
