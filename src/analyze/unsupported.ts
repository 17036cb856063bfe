import type { ErrorCode } from '../errors.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import { functionName, isSetOperation, subqueryOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import { hasLimit, windowCallsOf } from './barriers.ts'

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
}

type Finding = Omit<Unsupported, 'location'> & { readonly location?: number | undefined }

/**
 * Walks a query for constructs that are refused whatever they mean. Run on the user's own tree first, which has the
 * positions, and then on the server's, which shows what a view or a star hid.
 */
export function findUnsupported(select: SelectStmt): readonly Unsupported[] {
  return inSelect(select, { isRoot: true }).map((it) => ({ location: undefined, ...it }))
}

function inSelect(select: SelectStmt, context: Context): readonly Finding[] {
  const found: Finding[] = [
    recursion(select),
    limit(select, context),
    globalWindow(select, context),
    rowLock(select),
    groupingSets(select),
  ].flatMap((it) => it ?? [])

  if (isSetOperation(select)) {
    for (const side of [select.larg, select.rarg])
      if (side !== undefined) found.push(...inSelect(side, context))
    return found
  }

  walk(Object.values(select), ({ node }) => {
    found.push(...inNode(node))
    const subquery = subqueryOf(node)
    if (subquery === undefined) return undefined
    found.push(...inSelect(subquery, { isRoot: false }))
    return 'skip'
  })
  return found
}

function recursion({ withClause: clause }: SelectStmt): Finding | undefined {
  if (clause?.recursive !== true) return undefined
  return {
    code: 'UNSUPPORTED_COMMON_TABLE_EXPRESSION',
    detail: 'found WITH RECURSIVE',
    hint: `Refresh it on a schedule: freshness: { every: '5 minutes' }.`,
    // The parser leaves a 0 out: a query that begins with WITH.
    location: clause.location ?? 0,
  }
}

function limit(select: SelectStmt, { isRoot }: Context): Finding | undefined {
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') {
    const hint = 'Number the rows with rank() over (partition by … order by …), and keep those up to a rank.'
    const location = locationOf(select.limitCount)
    return { code: 'UNSUPPORTED_LIMIT', detail: 'found FETCH FIRST … WITH TIES', hint, location }
  }
  if (!isRoot || !hasLimit(select)) return undefined
  return {
    code: 'UNSUPPORTED_LIMIT',
    detail: 'found LIMIT or OFFSET',
    hint: 'Keep all rows, with an index in that order, and put the LIMIT into the query that reads them.',
    location: locationOf(select.limitCount ?? select.limitOffset),
  }
}

function globalWindow(select: SelectStmt, { isRoot }: Context): Finding | undefined {
  if (!isRoot) return undefined
  const found = windowCallsOf(select).find(({ window }) => (window.partitionClause ?? []).length === 0)
  if (found === undefined) return undefined
  return {
    code: 'UNSUPPORTED_WINDOW_FUNCTION',
    detail: `found ${functionName(found.call)} () over all rows`,
    hint: 'Partition it by a column of the key, number the rows in the query that reads them, or declare a leaderboard.',
    location: found.call.location,
  }
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
  if ('JsonArrayAgg' in node || 'JsonObjectAgg' in node || 'JsonArrayQueryConstructor' in node) {
    return [{ ...JSON_AGGREGATE, location: firstLocation(node) }]
  }
  return fromItem(node)
}

/** They have node types of their own, with an order that is easily forgotten; the functions can do the same. */
const JSON_AGGREGATE: Omit<Unsupported, 'location'> = {
  code: 'UNSUPPORTED_JSON_AGGREGATE',
  detail: 'found JSON_ARRAYAGG, JSON_OBJECTAGG or JSON_ARRAY over a query',
  hint: 'Use json_agg or json_object_agg with an ORDER BY.',
}

function fromItem(node: Node): readonly Finding[] {
  const code = 'UNSUPPORTED_FROM_ITEM'
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
  return []
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
