import { MillraceError } from '../errors.ts'
import { asDecay, type DecayKind } from '../sql/decay.ts'
import { shapeOf } from '../sql/deparse.ts'
import { parseSelect, positionOf, type Node, type SelectStmt } from '../sql/parse.ts'
import { hiddenColumn, rankKeyColumn } from '../sql/names.ts'
import type { Decay, OutputColumn } from './catalog.ts'

/** An output column that holds a decay: in its place the query has two, the score and the time that it is of. */
export interface TakenDecay {
  /** Position of the score among the outputs that the query has now; the time comes next. */
  readonly output: number
  readonly column: string
  readonly kind: DecayKind
  readonly rate: string
}

export interface TakenDecays {
  readonly select: SelectStmt
  readonly decays: readonly TakenDecay[]
}

/**
 * Takes the decays out of a query, as the server printed it: what is stored must not change as time passes. Undefined where
 * there is none. Refuses one that does not stand by itself in the select list, for there its order is all that lasts.
 */
export function takeDecays(
  select: SelectStmt,
  columns: readonly OutputColumn[],
  userText: string,
): TakenDecays | undefined {
  if (!holdsDecay(select)) return undefined
  const taken = takeFrom(select, userText)
  if (holdsDecay(taken.select)) throw refusal(userText, 'it stands within something else', ALONE)
  const decays = taken.found.map(({ output, kind, rate }, i) => {
    const column = columns[output - i]?.name ?? ''
    if (column === 'jsonb_build_array') throw refusal(userText, 'it has no name', NAMED)
    return { output, column, kind, rate }
  })
  return { select: taken.select, decays }
}

/** Gives the two columns of each decay names that no other column has. */
export function nameDecays(
  select: SelectStmt,
  taken: readonly TakenDecay[],
  columns: readonly OutputColumn[],
  userText: string,
): { readonly select: SelectStmt; readonly decays: readonly Decay[] } {
  const names = columns.map(({ name }) => name)
  const decays = taken.map(({ column, kind, rate }): Decay => ({
    column,
    kind,
    rate,
    score: freeName(names, column, 'score'),
    at: freeName(names, column, 'at'),
    rankKey: rankKeyColumn(column),
  }))
  const both = decays.find(({ rankKey }) => names.includes(rankKey))
  if (both !== undefined)
    throw refusal(userText, `the query has a column ${both.rankKey}`, 'Give that another name.')
  const outputs = new Map(
    taken.flatMap(({ output }, i) => [
      [output, decays[i]?.score],
      [output + 1, decays[i]?.at],
    ]),
  )
  return { select: withNames(select, outputs), decays }
}

function freeName(names: readonly string[], of: string, part: string): string {
  const name = hiddenColumn(of, part)
  return names.includes(name) ? freeName(names, of, `_${part}`) : name
}

/** The first branch names the columns. */
function withNames(select: SelectStmt, names: ReadonlyMap<number, string | undefined>): SelectStmt {
  if (select.larg !== undefined) return { ...select, larg: withNames(select.larg, names) }
  const targetList = (select.targetList ?? []).map((target, i) => {
    const name = names.get(i)
    return name === undefined || !('ResTarget' in target)
      ? target
      : { ResTarget: { ...target.ResTarget, name } }
  })
  return { ...select, targetList }
}

/** Where a query holds a decay, in a text that is not to have any. */
export function refuseDecays(userText: string, detail: string, hint: string): void {
  if (holdsDecay(parseSelect(userText))) throw refusal(userText, detail, hint)
}

const ALONE =
  'Write it as an output column of the outermost SELECT, with a name of its own; compare and compute with it in the query that reads the rows.'
const NAMED = 'Name it: exponentialDecay({ … }) as heat.'

interface Found {
  readonly output: number
  readonly kind: DecayKind
  readonly rate: string
}

interface Taking {
  readonly select: SelectStmt
  readonly found: readonly Found[]
}

function takeFrom(select: SelectStmt, userText: string): Taking {
  const { larg, rarg } = select
  if (larg !== undefined && rarg !== undefined) return takeFromBranches(select, larg, rarg, userText)
  const found: Found[] = []
  let output = 0
  const targetList = (select.targetList ?? []).flatMap((target) => {
    const own = splitTarget(target)
    const [decay] = own.decay
    if (decay !== undefined) found.push({ output, kind: decay.kind, rate: decay.rate })
    output += own.targets.length
    return own.targets
  })
  const isDistinct = select.distinctClause?.some((it) => Object.keys(it).length === 0) === true
  if (found.length > 0 && isDistinct)
    throw refusal(userText, 'DISTINCT compares it', 'Use DISTINCT ON the key, or GROUP BY.')
  return { select: found.length === 0 ? select : { ...select, targetList }, found }
}

/** In UNION ALL each branch has the same decay in the same place; other set operations compare rows. */
function takeFromBranches(select: SelectStmt, larg: SelectStmt, rarg: SelectStmt, userText: string): Taking {
  const [left, right] = [takeFrom(larg, userText), takeFrom(rarg, userText)]
  if (left.found.length + right.found.length === 0) return { select, found: [] }
  if (select.op !== 'SETOP_UNION' || select.all !== true)
    throw refusal(userText, 'a set operation compares it', 'Use UNION ALL.')
  if (shapeOf(left.found) !== shapeOf(right.found))
    throw refusal(userText, 'the branches have different ones', 'Give all branches the same rate.')
  return { select: { ...select, larg: left.select, rarg: right.select }, found: left.found }
}

function splitTarget(target: Node) {
  const value = 'ResTarget' in target ? target.ResTarget.val : undefined
  const decay = value && asDecay(value)
  if (decay === undefined || !('ResTarget' in target)) return { targets: [target], decay: [] }
  const { score, at } = decay
  const targets: readonly Node[] = [
    { ResTarget: { ...target.ResTarget, val: score } },
    { ResTarget: { val: at } },
  ]
  return { targets, decay: [decay] }
}

function holdsDecay(tree: unknown): boolean {
  return decaysIn(tree).length > 0
}

interface Placed {
  readonly location: number | undefined
}

function decaysIn(tree: unknown): readonly Placed[] {
  if (tree === null || typeof tree !== 'object') return []
  const inner = Object.values(tree).flatMap(decaysIn)
  const node = tree as Node
  return 'FuncCall' in node && asDecay(node) !== undefined
    ? [{ location: node.FuncCall.location }, ...inner]
    : inner
}

/** Placed at the first that does not stand by itself, or else at the first. */
function refusal(userText: string, detail: string, hint: string): MillraceError {
  const select = parseSelect(userText)
  const alone = new Set(aloneIn(select).map(({ location }) => location))
  const all = decaysIn(select)
  const { location } = all.find((it) => !alone.has(it.location)) ?? all[0] ?? { location: undefined }
  const position = location === undefined ? undefined : positionOf(userText, location)
  return new MillraceError('BAD_DECAY', { detail, hint, position, source: userText })
}

function aloneIn({ larg, rarg, targetList = [] }: SelectStmt): readonly Placed[] {
  if (larg !== undefined && rarg !== undefined) return [...aloneIn(larg), ...aloneIn(rarg)]
  return targetList.flatMap((target) => {
    const value = 'ResTarget' in target ? target.ResTarget.val : undefined
    if (value === undefined || !('FuncCall' in value) || asDecay(value) === undefined) return []
    return [{ location: value.FuncCall.location }]
  })
}
