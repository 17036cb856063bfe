import { walk } from '../../analyze/ast/walk.ts'
import { findTable } from '../known.ts'
import { nameOf, shown } from '../relations.ts'
import type { Edit, Found, Rule } from '../rule.ts'

/** A bound of a timestamptz partition that says no zone: it lies elsewhere for each session that makes one. */
export const partitionBoundWithoutZone: Rule = {
  name: 'partition-bound-without-zone',
  level: 'warning',

  check: ({ node, start, at, within }, { known, script }) => {
    const bounds = boundsIn(node)
    if (bounds === undefined || within !== undefined) return []
    const parent = findTable(known, bounds.parent)
    const [column = ''] = parent?.partitionedBy ?? []
    if (parent?.columns.get(column)?.name !== 'timestamptz') return []
    const literals: { readonly text: string; readonly at: number }[] = []
    walk(bounds.values, ({ node: inner }) => {
      const text = 'A_Const' in inner ? inner.A_Const.sval?.sval : undefined
      if (text !== undefined && 'A_Const' in inner && WITHOUT_ZONE.test(text))
        literals.push({ text, at: at(inner.A_Const.location) })
    })
    if (literals.length === 0) return []
    const found: Found = {
      at: literals[0]?.at ?? start,
      message: `bounds of a partition of ${shown(bounds.parent)} without a zone lie where the session's TimeZone puts them: made elsewhere, they leave gaps or overlap`,
      help: "Write the zone: '2026-01-01 00:00:00+00'.",
      // A table that stands already may have been made in a zone of its own.
      fix: parent.madeIn === script.file ? literals.flatMap((it) => inUtc(script.text, it)) : undefined,
    }
    return [found]
  },
}

const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?$/

type Node = Parameters<Rule['check']>[0]['node']

function boundsIn(
  node: Node,
): { readonly parent: ReturnType<typeof nameOf>; readonly values: unknown } | undefined {
  if ('CreateStmt' in node && node.CreateStmt.partbound !== undefined) {
    const [parent] = node.CreateStmt.inhRelations ?? []
    if (parent === undefined || !('RangeVar' in parent)) return undefined
    return { parent: nameOf(parent.RangeVar), values: [node.CreateStmt.partbound] }
  }
  if (!('AlterTableStmt' in node)) return undefined
  for (const command of node.AlterTableStmt.cmds ?? []) {
    if (!('AlterTableCmd' in command) || command.AlterTableCmd.subtype !== 'AT_AttachPartition') continue
    const { def } = command.AlterTableCmd
    if (def !== undefined && 'PartitionCmd' in def)
      return { parent: nameOf(node.AlterTableStmt.relation), values: [def.PartitionCmd.bound] }
  }
  return undefined
}

function inUtc(
  text: string,
  { text: bound, at }: { readonly text: string; readonly at: number },
): readonly Edit[] {
  if (text.slice(at, at + bound.length + 2) !== `'${bound}'`) return []
  const time = bound.length === 10 ? ' 00:00:00' : ''
  return [{ start: at, end: at + bound.length + 2, text: `'${bound}${time}+00'` }]
}
