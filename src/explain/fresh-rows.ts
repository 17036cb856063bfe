import type { Plan } from '../compile/plan.ts'
import { deparseSelect } from '../sql/deparse.ts'
import { parseSelect } from '../sql/parse.ts'

/**
 * The query for a batch of units, as recompute evaluates it: the first common table expression of its statement. Parameters
 * are those of recompute: a `text[]` for each unit column. Needs the parser.
 */
export function freshRows({ statements }: Pick<Plan, 'statements'>): string {
  const [plain] = statements.recompute
  const [first] = parseSelect(plain?.sql ?? '').withClause?.ctes ?? []
  const query = first !== undefined && 'CommonTableExpr' in first ? first.CommonTableExpr.ctequery : undefined
  if (query === undefined || !('SelectStmt' in query))
    throw new Error('recompute does not begin with the query')
  return deparseSelect(query.SelectStmt).text
}
