import type { Node } from '../../sql/parse.ts'
import { parseStatements } from '../../sql/parse.ts'
import { shapeOf } from '../../sql/deparse.ts'
import type { InstalledObject } from './installed.ts'
import type { PlacedObject } from './order.ts'

/** What must happen to one object, so that the database has what is declared. */
export type ObjectChange =
  | { readonly kind: 'create'; readonly object: PlacedObject }
  /** Made over itself: nobody misses it for a moment, and what uses it stays. */
  | { readonly kind: 'update'; readonly object: PlacedObject; readonly installed: InstalledObject }
  /** Taken away as it stands, and made as it is declared. */
  | { readonly kind: 'replace'; readonly object: PlacedObject; readonly installed: InstalledObject }
  | { readonly kind: 'remove'; readonly installed: InstalledObject }

/** Compares declared objects, in the order in which they are to be made, with those that stand. Needs the parser. */
export function findObjectChanges(
  declared: readonly PlacedObject[],
  installed: readonly InstalledObject[],
): readonly ObjectChange[] {
  const removed = installed
    .filter((it) => !declared.some(({ name }) => name === it.name))
    .map((it): ObjectChange => ({ kind: 'remove', installed: it }))
  const made = declared.flatMap((object): readonly ObjectChange[] => {
    const old = installed.find(({ name }) => name === object.name)
    if (old === undefined) return [{ kind: 'create', object }]
    if (isSame(object, old)) return []
    const kind =
      old.afterModels === object.afterModels && canStandOver(old.up, object.up) ? 'update' : 'replace'
    return [{ kind, object, installed: old }]
  })
  return withUsers([...removed, ...made], declared, installed)
}

/** The SQL counts, and not how it is laid out; nor the order of names. */
function isSame(object: PlacedObject, old: InstalledObject): boolean {
  return (
    sameSql(object.up, old.up) &&
    sameSql(object.down, old.down) &&
    object.afterModels === old.afterModels &&
    [...object.dependsOn].sort().join('\n') === [...old.dependsOn].sort().join('\n')
  )
}

function sameSql(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [parseStatements(a), parseStatements(b)]
  if (one.kind === 'problem' || other.kind === 'problem') return false
  return shapeOf(one.statements) === shapeOf(other.statements)
}

/** What depends on an object that is taken away for a moment goes before it, and comes after it. */
function withUsers(
  changes: readonly ObjectChange[],
  declared: readonly PlacedObject[],
  installed: readonly InstalledObject[],
): readonly ObjectChange[] {
  const gone = new Set(changes.flatMap((it) => (it.kind === 'replace' ? [it.installed.name] : [])))
  const removed = changes.filter(({ kind }) => kind === 'remove')
  const made = declared.flatMap((object): readonly ObjectChange[] => {
    const own = changes.find((it) => it.kind !== 'remove' && it.object === object)
    const old = installed.find(({ name }) => name === object.name)
    const isMoved = old !== undefined && [...old.dependsOn, ...object.dependsOn].some((it) => gone.has(it))
    if (!isMoved) return own === undefined ? [] : [own]
    gone.add(object.name)
    return [{ kind: 'replace', object, installed: old }]
  })
  return [...removed, ...made]
}

/** Both consist of CREATE OR REPLACE of the same things, so the new one leaves nothing of the old one behind. */
function canStandOver(before: string, after: string): boolean {
  const [old, now] = [namesMade(before), namesMade(after)]
  return old !== undefined && now !== undefined && old.join('\n') === now.join('\n')
}

function namesMade(text: string): readonly string[] | undefined {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') return undefined
  const names = outcome.statements.map(nameMade)
  return names.every((it) => it !== undefined) ? names.sort() : undefined
}

/** Of a function its result is part of what it is: another one cannot be put in its place. */
function nameMade(node: Node): string | undefined {
  if ('CreateFunctionStmt' in node) {
    const { replace, funcname, parameters, returnType, is_procedure } = node.CreateFunctionStmt
    const types = (parameters ?? []).map((it) =>
      'FunctionParameter' in it ? it.FunctionParameter.argType : it,
    )
    return replace === true ? shapeOf([is_procedure, funcname, types, returnType]) : undefined
  }
  if ('CreateTrigStmt' in node) {
    const { replace, trigname, relation, isconstraint } = node.CreateTrigStmt
    return replace === true && isconstraint !== true ? shapeOf([trigname, relation]) : undefined
  }
  return undefined
}
