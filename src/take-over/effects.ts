import { namesOf } from '../analyze/ast/nodes.ts'
import { walk } from '../analyze/ast/walk.ts'
import type { FuncCall, Node } from '../sql/parse.ts'
import { parseStatements } from '../sql/parse.ts'
import {
  relationNamed,
  type Found,
  type FoundFunction,
  type FoundRelation,
  type FoundTrigger,
} from './catalog.ts'
import { simplified } from './conditions.ts'
import { deedsOf, type Deed, type TriggerEvent } from './function-body.ts'

/** What somebody's trigger, function or job does to the database. */
export type Effect =
  | { readonly kind: 'refresh'; readonly view: FoundRelation }
  | { readonly kind: 'write'; readonly table: FoundRelation; readonly write: Write }
  /** Something else; in words. */
  | { readonly kind: 'other'; readonly text: string }

/** An INSERT, UPDATE or DELETE on a table, and when it is run. */
export interface Write {
  readonly statement: Node
  readonly guards: readonly Node[]
  readonly event: TriggerEvent
}

export interface TriggerEffects {
  readonly trigger: FoundTrigger
  readonly events: readonly TriggerEvent[]
  readonly effects: readonly Effect[]
}

/** Calls are followed so deep. */
const MAX_DEPTH = 4

/** What each enabled trigger does. */
export function effectsOfTriggers(found: Found): readonly TriggerEffects[] {
  return found.triggers
    .filter((it) => it.enabled)
    .map((trigger) => ({ trigger, events: eventsOf(trigger), effects: effectsOfTrigger(found, trigger) }))
}

function effectsOfTrigger(found: Found, trigger: FoundTrigger): readonly Effect[] {
  const called = found.functions.find(({ oid }) => oid === trigger.function)
  if (called?.language !== 'plpgsql') return [other('calls a function that is not in PL/pgSQL')]
  const timing = (trigger.type & BEFORE) !== 0 || (trigger.type & INSTEAD) !== 0
  const when = whenOf(trigger)
  return [
    ...(timing ? [other('is fired before the row is written, and may change it')] : []),
    ...eventsOf(trigger).flatMap((event) => effectsOfFunction(found, called, event, when)),
    ...((trigger.type & TRUNCATE) === 0 ? [] : effectsOfFunction(found, called, 'delete', when)),
  ]
}

/** Bits of `pg_trigger.tgtype`. */
const BEFORE = 2
const INSERT = 4
const DELETE = 8
const UPDATE = 16
const TRUNCATE = 32
const INSTEAD = 64

function eventsOf({ type }: FoundTrigger): readonly TriggerEvent[] {
  return [
    ...((type & INSERT) === 0 ? [] : ['insert' as const]),
    ...((type & UPDATE) === 0 ? [] : ['update' as const]),
    ...((type & DELETE) === 0 ? [] : ['delete' as const]),
  ]
}

/** The condition in WHEN. */
function whenOf({ definition }: FoundTrigger): readonly Node[] {
  const outcome = parseStatements(definition)
  const [statement] = outcome.kind === 'statements' ? outcome.statements : []
  if (statement === undefined || !('CreateTrigStmt' in statement)) return []
  const { whenClause } = statement.CreateTrigStmt
  return whenClause === undefined ? [] : [whenClause]
}

function effectsOfFunction(
  found: Found,
  called: FoundFunction,
  event: TriggerEvent,
  when: readonly Node[],
  depth = 0,
): readonly Effect[] {
  const deeds = deedsOf(called.definition, event)
  if (deeds === undefined) return [other('cannot be parsed')]
  return deeds.flatMap((deed) => {
    const guards = simplified([...when, ...deed.guards])
    return guards === 'never' ? [] : effectsOf(found, { ...deed, guards }, event, depth)
  })
}

function effectsOf(
  found: Found,
  { guards, what }: Deed,
  event: TriggerEvent,
  depth: number,
): readonly Effect[] {
  if (what.kind === 'other') return [other(what.text)]
  if (what.kind === 'dynamic') return [other('runs a statement that it puts together')]
  const { statement } = what
  const view = refreshedBy(found, statement)
  if (view !== undefined) return [{ kind: 'refresh', view }]
  const table = writtenBy(found, statement)
  if (table !== undefined) return [{ kind: 'write', table, write: { statement, guards, event } }]
  if (!('SelectStmt' in statement)) return [other('runs a statement that is no SELECT')]
  return callsIn(statement).flatMap((call) => effectsOfCall(found, call, event, depth))
}

/** The materialized view of a REFRESH. */
function refreshedBy(found: Found, statement: Node): FoundRelation | undefined {
  if (!('RefreshMatViewStmt' in statement)) return undefined
  const { schemaname: schema, relname: name = '' } = statement.RefreshMatViewStmt.relation ?? {}
  return relationNamed(found, { schema, name })
}

function writtenBy(found: Found, statement: Node): FoundRelation | undefined {
  const relation =
    'InsertStmt' in statement
      ? statement.InsertStmt.relation
      : 'UpdateStmt' in statement
        ? statement.UpdateStmt.relation
        : 'DeleteStmt' in statement
          ? statement.DeleteStmt.relation
          : undefined
  const { schemaname: schema, relname: name } = relation ?? {}
  return name === undefined ? undefined : relationNamed(found, { schema, name })
}

function callsIn(statement: Node): readonly FuncCall[] {
  const calls: FuncCall[] = []
  walk(statement, ({ node }) => {
    if ('FuncCall' in node) calls.push(node.FuncCall)
  })
  return calls
}

/**
 * A function of the user's own that is called. One that puts a REFRESH together from its argument, and writes a log beside it,
 * refreshes the view that it is given the name of, and is taken for nothing else.
 */
function effectsOfCall(found: Found, call: FuncCall, event: TriggerEvent, depth: number): readonly Effect[] {
  const names = namesOf(call.funcname)
  const name = names.at(-1)
  const called = found.functions.find(
    (it) => it.name === name && (names.length === 1 || it.schema === names.at(-2)),
  )
  if (called === undefined) return isHarmless(names) ? [] : [other(`calls ${names.join('.')}`)]
  const views = (call.args ?? []).flatMap((argument) => viewNamedBy(found, argument))
  if (views.length > 0 && /\brefresh\s+materialized\s+view\b/i.test(called.source)) {
    return views.map((view) => ({ kind: 'refresh', view }))
  }
  if (depth >= MAX_DEPTH || called.language !== 'plpgsql') return [other(`calls ${names.join('.')}`)]
  return effectsOfFunction(found, called, event, [], depth + 1)
}

function viewNamedBy(found: Found, argument: Node): readonly FoundRelation[] {
  const text = 'A_Const' in argument ? argument.A_Const.sval?.sval : undefined
  if (text === undefined) return []
  const [name = '', schema] = text.split('.').toReversed()
  const relation = relationNamed(found, { schema, name })
  return relation?.kind === 'm' ? [relation] : []
}

/** Functions of the system that change nothing that others see. */
const HARMLESS = [
  'set_config',
  'pg_advisory_xact_lock',
  'pg_try_advisory_xact_lock',
  'clock_timestamp',
  'now',
  'count',
]

function isHarmless(names: readonly string[]): boolean {
  return HARMLESS.includes(names.at(-1) ?? '')
}

function other(text: string): Effect {
  return { kind: 'other', text }
}

/** What a function does that nobody fires, or the command of a job: whatever it might. */
export function refreshedByText(found: Found, text: string): readonly FoundRelation[] | undefined {
  const outcome = parseStatements(text)
  if (outcome.kind !== 'statements') return undefined
  const effects = outcome.statements.flatMap((statement) =>
    effectsOf(found, { guards: [], what: { kind: 'statement', statement } }, 'insert', 0),
  )
  const views = effects.flatMap((it) => (it.kind === 'refresh' ? [it.view] : []))
  return views.length === effects.length && views.length > 0 ? views : undefined
}
