import { walk } from '../../analyze/ast/walk.ts'
import type { Node } from '../../sql/parse.ts'
import { dottedName, isSame, nameOf, shown, type Named } from '../relations.ts'
import type { Rule } from '../rule.ts'
import type { Statement } from '../script.ts'

/** Changing by hand what only Millrace changes: tables of its schema, and read models. */
export const writeToMillrace: Rule = {
  name: 'write-to-millrace',
  level: 'error',

  check: (statement, { uses }) =>
    writtenBy(statement).flatMap(({ relation, location }) => {
      const isModel = uses.some(({ model }) => isSame(model, relation))
      if (relation.schema !== 'millrace' && !isModel) return []
      return [
        {
          at: location === undefined ? statement.start : statement.at(location),
          message: isModel
            ? `${shown(relation)} is a read model: its rows are those of its query, and what is written into it is lost`
            : `${shown(relation)} is a table of Millrace's own: what is changed in it by hand can make read models wrong without a word`,
          help: isModel
            ? 'Write to the tables that it reads.'
            : 'Use the command that does it: millrace rebuild, verify --repair, migrate up.',
        },
      ]
    }),
}

interface Written {
  readonly relation: Named
  readonly location?: number | undefined
}

function writtenBy({ node }: Statement): readonly Written[] {
  const found: Written[] = [...changedBy(node)]
  walk(node, ({ node: inner }) => {
    const relation = 'InsertStmt' in inner ? inner.InsertStmt.relation
      : 'UpdateStmt' in inner ? inner.UpdateStmt.relation
      : 'DeleteStmt' in inner ? inner.DeleteStmt.relation
      : 'MergeStmt' in inner ? inner.MergeStmt.relation
      : undefined // prettier-ignore
    if (relation !== undefined) found.push({ relation: nameOf(relation), location: relation.location })
  })
  return found
}

function changedBy(node: Node): readonly Written[] {
  if ('TruncateStmt' in node)
    return (node.TruncateStmt.relations ?? []).map((it) => ({
      relation: nameOf('RangeVar' in it ? it.RangeVar : undefined),
    }))
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE')
    return (node.DropStmt.objects ?? []).map((it) => ({ relation: dottedName(it) }))
  if ('AlterTableStmt' in node) return [{ relation: nameOf(node.AlterTableStmt.relation) }]
  if ('CopyStmt' in node && node.CopyStmt.is_from === true)
    return [{ relation: nameOf(node.CopyStmt.relation) }]
  return []
}
