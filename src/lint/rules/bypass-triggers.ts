import { namesOf } from '../../analyze/ast/nodes.ts'
import { walk } from '../../analyze/ast/walk.ts'
import type { Node } from '../../sql/parse.ts'
import { dottedName, nameOf, shown } from '../relations.ts'
import type { Found, Rule, Scene } from '../rule.ts'
import type { Statement } from '../script.ts'
import { followersOf } from '../uses.ts'

/** Whatever keeps the triggers of a source from firing: changes that no read model hears of. */
export const bypassTriggers: Rule = {
  name: 'bypass-triggers',
  level: 'error',

  check: (statement, scene) => [
    ...replicaRole(statement),
    ...switchedOff(statement, scene),
    ...droppedCapture(statement, scene),
    ...subscription(statement, scene),
  ],
}

const MEND = 'If it must be, run millrace rebuild for the read models of these tables afterwards.'

/** SET, ALTER ROLE … SET, ALTER DATABASE … SET, and set_config(). */
function replicaRole({ node, start, at }: Statement): readonly Found[] {
  const places: number[] = []
  const settings = [
    'VariableSetStmt' in node ? node.VariableSetStmt : undefined,
    'AlterRoleSetStmt' in node ? node.AlterRoleSetStmt.setstmt : undefined,
    'AlterDatabaseSetStmt' in node ? node.AlterDatabaseSetStmt.setstmt : undefined,
  ]
  if (settings.some((it) => it?.name === 'session_replication_role' && (it.args ?? []).some(isReplica)))
    places.push(start)
  walk(node, ({ node: inner }) => {
    if (!('FuncCall' in inner) || namesOf(inner.FuncCall.funcname).at(-1) !== 'set_config') return
    const [name, value] = inner.FuncCall.args ?? []
    if (textOf(name) === 'session_replication_role' && isReplica(value))
      places.push(at(inner.FuncCall.location))
  })
  return places.map((place) => ({
    at: place,
    message:
      'as a replica, a session fires no triggers: its writes reach no read model, and foreign keys are not checked',
    help: `Leave session_replication_role as it is, for COPY too. ${MEND}`,
  }))
}

function isReplica(value: Node | undefined): boolean {
  return textOf(value)?.toLowerCase() === 'replica'
}

function textOf(value: Node | undefined): string | undefined {
  return value !== undefined && 'A_Const' in value ? value.A_Const.sval?.sval : undefined
}

const OFF = ['AT_DisableTrig', 'AT_DisableTrigAll', 'AT_DisableTrigUser', 'AT_EnableReplicaTrig']

/** A trigger that is named counts only if it is one of capture's. */
function switchedOff({ node, start }: Statement, { uses }: Scene): readonly Found[] {
  if (!('AlterTableStmt' in node)) return []
  const relation = nameOf(node.AlterTableStmt.relation)
  const followers = followersOf(uses, relation)
  if (followers === undefined) return []
  const isOff = (node.AlterTableStmt.cmds ?? []).some((it) => {
    if (!('AlterTableCmd' in it) || !OFF.includes(it.AlterTableCmd.subtype ?? '')) return false
    return it.AlterTableCmd.name === undefined || isCapture(it.AlterTableCmd.name)
  })
  if (!isOff) return []
  return [
    {
      at: start,
      message: `while the triggers of ${shown(relation)} are off, its changes do not reach ${followers}`,
      help: `Leave them on. ${MEND}`,
    },
  ]
}

function droppedCapture({ node, start }: Statement, { uses }: Scene): readonly Found[] {
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_TRIGGER') return []
  return (node.DropStmt.objects ?? []).flatMap((it): readonly Found[] => {
    const { name: trigger } = dottedName(it)
    const [schema, table] = 'List' in it ? namesOf(it.List.items).slice(0, -1).slice(-2) : []
    const relation = table === undefined ? { name: schema ?? '' } : { schema, name: table }
    const followers = followersOf(uses, relation)
    if (!isCapture(trigger) || followers === undefined) return []
    const message = `without ${trigger}, changes of ${shown(relation)} do not reach ${followers}`
    return [{ at: start, message, help: 'Remove the read model instead: millrace migrate down.' }]
  })
}

function isCapture(trigger: string): boolean {
  return trigger.startsWith('millrace_')
}

/** What a subscription applies, it applies as a replica. */
function subscription({ node, start }: Statement, { uses }: Scene): readonly Found[] {
  if (!('CreateSubscriptionStmt' in node) || uses.length === 0) return []
  return [
    {
      at: start,
      message: 'rows that a subscription brings fire no triggers: they reach no read model of their tables',
      help: 'Keep the read models where the rows are written, or declare models of these tables with freshness: { every }.',
    },
  ]
}
