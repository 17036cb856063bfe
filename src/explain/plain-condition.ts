import { columnRef, namesOf } from '../analyze/ast/nodes.ts'
import { mapTree } from '../analyze/ast/walk.ts'
import { deparseExpression } from '../sql/deparse.ts'
import { parseExpression } from '../sql/parse.ts'

/** A condition on one row, without the alias that stands for it in capture. Needs the parser. */
export function plainCondition(condition: string): string {
  const bare = mapTree(parseExpression(condition), ({ node }) =>
    'ColumnRef' in node ? columnRef(namesOf(node.ColumnRef.fields).at(-1) ?? '') : undefined,
  )
  return deparseExpression(bare).text
}
