import { nameOf, shown, type Named } from '../relations.ts'
import type { Found, Rule } from '../rule.ts'
import { usersOf } from '../uses.ts'
import type { Statement } from '../script.ts'

/** Dropping, renaming or retyping a column that a read model uses. */
export const changeUsedColumn: Rule = {
  name: 'change-used-column',
  level: 'error',
  insteadOf: ['ban-drop-column', 'renaming-column', 'changing-column-type'],

  check: (statement, { uses }) =>
    changesIn(statement).flatMap(({ relation, column, verb, at }): readonly Found[] => {
      const users = usersOf(uses, relation, column)
      if (users === undefined) return []
      return [
        {
          at,
          message: `${verb} ${shown(relation)}.${column} changes what ${users} can be computed from`,
          help: 'Change the query first, so that it does without the column, and run millrace migrate up; then change the column.',
        },
      ]
    }),
}

interface Change {
  readonly relation: Named
  readonly column: string
  readonly verb: 'dropping' | 'renaming' | 'retyping'
  readonly at: number
}

function changesIn({ node, start, at }: Statement): readonly Change[] {
  if ('RenameStmt' in node && node.RenameStmt.renameType === 'OBJECT_COLUMN') {
    const { relation, subname = '' } = node.RenameStmt
    return [{ relation: nameOf(relation), column: subname, verb: 'renaming', at: start }]
  }
  if (!('AlterTableStmt' in node)) return []
  const { relation, cmds = [] } = node.AlterTableStmt
  return cmds.flatMap((command): readonly Change[] => {
    if (!('AlterTableCmd' in command)) return []
    const { subtype, name: column = '', def } = command.AlterTableCmd
    const place = def !== undefined && 'ColumnDef' in def ? def.ColumnDef.location : undefined
    const change = { relation: nameOf(relation), column, at: place === undefined ? start : at(place) }
    if (subtype === 'AT_DropColumn') return [{ ...change, verb: 'dropping' }]
    return subtype === 'AT_AlterColumnType' ? [{ ...change, verb: 'retyping' }] : []
  })
}
