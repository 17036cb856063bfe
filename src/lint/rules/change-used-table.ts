import { dottedName, nameOf, shown, type Named } from '../relations.ts'
import type { Found, Rule } from '../rule.ts'
import type { Statement } from '../script.ts'
import { usersOf } from '../uses.ts'

/** Dropping, renaming or moving a table or view that a read model reads. */
export const changeUsedTable: Rule = {
  name: 'change-used-table',
  level: 'error',
  insteadOf: ['ban-drop-table', 'renaming-table'],

  check: (statement, { uses }) =>
    changesIn(statement).flatMap(({ relation, verb }): readonly Found[] => {
      const users = usersOf(uses, relation)
      if (users === undefined) return []
      return [
        {
          at: statement.start,
          message: `${verb} ${shown(relation)} takes away what ${users} reads`,
          help: 'Change or remove the read model first, and run millrace migrate up.',
        },
      ]
    }),
}

interface Change {
  readonly relation: Named
  readonly verb: 'dropping' | 'renaming' | 'moving'
}

const RELATIONS = ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE']

function changesIn({ node }: Statement): readonly Change[] {
  if ('DropStmt' in node && RELATIONS.includes(node.DropStmt.removeType ?? '')) {
    return (node.DropStmt.objects ?? []).map((it) => ({ relation: dottedName(it), verb: 'dropping' }))
  }
  if ('RenameStmt' in node && RELATIONS.includes(node.RenameStmt.renameType ?? '')) {
    return [{ relation: nameOf(node.RenameStmt.relation), verb: 'renaming' }]
  }
  if ('AlterObjectSchemaStmt' in node && RELATIONS.includes(node.AlterObjectSchemaStmt.objectType ?? '')) {
    return [{ relation: nameOf(node.AlterObjectSchemaStmt.relation), verb: 'moving' }]
  }
  return []
}
