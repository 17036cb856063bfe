import type { Node } from '../../sql/parse.ts'
import { findTable } from '../known.ts'
import { nameOf } from '../relations.ts'
import type { Edit, Rule, Scene } from '../rule.ts'
import type { Statement } from '../script.ts'

/** What PostgreSQL refuses to do in a transaction, in a script that is one. */
export const notInATransaction: Rule = {
  name: 'not-in-a-transaction',
  level: 'error',
  insteadOf: ['ban-concurrent-index-creation-in-transaction'],

  check: (statement, scene) => {
    const { node, start, isInTransaction, within } = statement
    if (!isInTransaction && within === undefined) return []
    const what = refusedIn(node)
    if (what === undefined) return []
    return [
      {
        at: start,
        message: `PostgreSQL refuses ${what} in a transaction${within === undefined ? '' : ', which every function runs in'}`,
        help: 'Put it into a file of its own that is run without one, or leave it to millrace migrate up.',
        fix: plainBuild(statement, scene),
      },
    ]
  },
}

function refusedIn(node: Node): string | undefined {
  if ('IndexStmt' in node && node.IndexStmt.concurrent === true) return 'CREATE INDEX CONCURRENTLY'
  if ('DropStmt' in node && node.DropStmt.concurrent === true) return 'DROP INDEX CONCURRENTLY'
  if ('ReindexStmt' in node && hasOption(node.ReindexStmt.params, 'concurrently'))
    return 'REINDEX CONCURRENTLY'
  if ('VacuumStmt' in node && node.VacuumStmt.is_vacuumcmd === true) return 'VACUUM'
  if ('AlterSystemStmt' in node) return 'ALTER SYSTEM'
  if ('CreatedbStmt' in node) return 'CREATE DATABASE'
  if ('DropdbStmt' in node) return 'DROP DATABASE'
  if ('AlterTableStmt' in node && (node.AlterTableStmt.cmds ?? []).some(isDetachConcurrently))
    return 'DETACH PARTITION CONCURRENTLY'
  return undefined
}

function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((it) => 'DefElem' in it && it.DefElem.defname === name)
}

function isDetachConcurrently(command: Node): boolean {
  if (!('AlterTableCmd' in command) || command.AlterTableCmd.subtype !== 'AT_DetachPartition') return false
  const { def } = command.AlterTableCmd
  return def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true
}

/** The table of the same script is empty, and nobody else sees it yet: there is nothing to be concurrent with. */
function plainBuild(
  { node, start, at, within }: Statement,
  { known, script }: Scene,
): readonly Edit[] | undefined {
  if (!('IndexStmt' in node) || within !== undefined) return undefined
  const { relation } = node.IndexStmt
  if (findTable(known, nameOf(relation))?.madeIn !== script.file) return undefined
  const found = /\bconcurrently\s+/i.exec(script.text.slice(start, at(relation?.location)))
  if (found === null) return undefined
  const from = start + found.index
  return [{ start: from, end: from + found[0].length, text: '' }]
}
