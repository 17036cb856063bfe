import { HOME } from './names.ts'
import type { Node, SelectStmt } from './parse.ts'

/** What an expression is that tells the time: a moment, or a moment in UTC without saying so, or a day of UTC. */
export type ClockType = 'timestamptz' | 'timestamp' | 'date'

export interface Clock {
  readonly node: Node
  readonly type: ClockType
}

const COMPARISONS = new Set(['<', '<=', '>', '>=', '='])

/**
 * A comparison with the time: `t.at > now() - interval '7 days'`, whichever way round. Undefined for any other node.
 * `clock` is the side that tells the time, in UTC: how long seven days are is not for the session's time zone to say.
 */
export function asClockComparison(
  node: Node,
): { readonly clock: Clock; readonly isLeft: boolean; readonly other: Node } | undefined {
  if (!('A_Expr' in node) || node.A_Expr.kind !== 'AEXPR_OP') return undefined
  const { lexpr, rexpr, name } = node.A_Expr
  if (lexpr === undefined || rexpr === undefined || !COMPARISONS.has(lastName(name))) return undefined
  const [left, right] = [asClock(lexpr), asClock(rexpr)]
  if (left !== undefined) return right === undefined ? { clock: left, isLeft: true, other: rexpr } : undefined
  return right && { clock: right, isLeft: false, other: lexpr }
}

/** The same query with the time in each such comparison told in UTC; undefined if it has none. */
export function pinClocks(select: SelectStmt): SelectStmt | undefined {
  const found: Clock[] = []
  const pin = (tree: unknown): unknown => {
    if (Array.isArray(tree)) return tree.map(pin)
    if (tree === null || typeof tree !== 'object') return tree
    const comparison = asClockComparison(tree as Node)
    if (comparison !== undefined && 'A_Expr' in tree) {
      found.push(comparison.clock)
      const { clock, isLeft, other } = comparison
      const [lexpr, rexpr] = isLeft ? [clock.node, pin(other)] : [pin(other), clock.node]
      return { A_Expr: { ...(tree.A_Expr as object), lexpr, rexpr } }
    }
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, pin(value)]))
  }
  const pinned = pin(select) as SelectStmt
  return found.length > 0 ? pinned : undefined
}

/** The same query with the clock's other names written out by a time zone, so that the server is asked about `now()` alone. */
export function nameClocks(select: SelectStmt, zone: string): SelectStmt {
  const name = (tree: unknown): unknown => {
    if (Array.isArray(tree)) return tree.map(name)
    if (tree === null || typeof tree !== 'object') return tree
    const clock =
      'SQLValueFunction' in tree
        ? valueFunction(
            (tree as Extract<Node, { SQLValueFunction: unknown }>).SQLValueFunction.op ?? '',
            zone,
          )
        : undefined
    return clock?.node ?? Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, name(value)]))
  }
  return name(select) as SelectStmt
}

/** True for the clock itself, which is all that an expression must not hold elsewhere. */
export function isClockCall(node: Node): boolean {
  if ('SQLValueFunction' in node)
    return /^SVFOP_(CURRENT_(TIMESTAMP|DATE)|LOCALTIMESTAMP)$/.test(node.SQLValueFunction.op ?? '')
  return 'FuncCall' in node && /^(now|transaction_timestamp)$/.test(lastName(node.FuncCall.funcname))
}

/** An expression over the time and constants that never goes back as time passes; in UTC. */
function asClock(node: Node): Clock | undefined {
  if ('SQLValueFunction' in node) return valueFunction(node.SQLValueFunction.op ?? '')
  if ('FuncCall' in node) return ofCall(node)
  if ('TypeCast' in node) {
    const inner = node.TypeCast.arg && asClock(node.TypeCast.arg)
    const type = lastName(node.TypeCast.typeName?.names)
    if (inner === undefined || type !== 'date') return inner?.type === type ? inner : undefined
    return { node: { TypeCast: { ...node.TypeCast, arg: inUtc(inner).node } }, type: 'date' }
  }
  if (!('A_Expr' in node) || node.A_Expr.kind !== 'AEXPR_OP') return undefined
  const { lexpr, rexpr, name } = node.A_Expr
  const operator = lastName(name)
  const inner = lexpr && asClock(lexpr)
  if (inner === undefined || rexpr === undefined || !isConstant(rexpr) || !/^[+-]$/.test(operator))
    return undefined
  const moved: Clock = {
    node: { A_Expr: { ...node.A_Expr, lexpr: inUtc(inner).node } },
    type: inner.type === 'timestamptz' ? 'timestamp' : inner.type,
  }
  // A day and an interval make a timestamp; a day and a number make a day.
  const type = inner.type === 'date' && hasInterval(rexpr) ? 'timestamp' : moved.type
  return inner.type === 'timestamptz' ? asMoment({ ...moved, type }) : { ...moved, type }
}

function ofCall(node: Extract<Node, { FuncCall: unknown }>): Clock | undefined {
  if (isClockCall(node)) return { node, type: 'timestamptz' }
  if (isPinned(node)) return ofPinned(node)
  const [first, second] = node.FuncCall.args ?? []
  const inner = second && asClock(second)
  if (first === undefined || inner === undefined || !isConstant(first)) return undefined
  if (node.FuncCall.args?.length !== 2) return undefined
  const name = lastName(node.FuncCall.funcname)
  if (name === 'timezone') {
    const type = inner.type === 'timestamptz' ? 'timestamp' : 'timestamptz'
    return { node: { FuncCall: { ...node.FuncCall, args: [first, inner.node] } }, type }
  }
  if (name !== 'date_trunc') return undefined
  const cut: Clock = {
    node: { FuncCall: { ...node.FuncCall, args: [first, inUtc(inner).node] } },
    type: 'timestamp',
  }
  return inner.type === 'timestamptz' ? asMoment(cut) : cut
}

/** A function of ours in a query: an expression for which the settings are said. */
function isPinned({ FuncCall: { funcname } }: Extract<Node, { FuncCall: unknown }>): boolean {
  const [schema] = funcname ?? []
  return schema !== undefined && 'String' in schema && schema.String.sval === HOME
}

/** What it gives depends on the time alone. Nothing in it is left to be told in UTC. */
function ofPinned(node: Extract<Node, { FuncCall: unknown }>): Clock | undefined {
  const args = node.FuncCall.args ?? []
  const tells = args.filter((it) => asClock(it) !== undefined)
  const isOfTime = tells.length > 0 && args.every((it) => tells.includes(it) || isConstant(it))
  return isOfTime ? { node, type: 'timestamp' } : undefined
}

const NOW: Node = {
  FuncCall: { funcname: [{ String: { sval: 'now' } }], funcformat: 'COERCE_EXPLICIT_CALL' },
}

function valueFunction(op: string, zone = 'UTC'): Clock | undefined {
  if (op === 'SVFOP_CURRENT_TIMESTAMP') return { node: NOW, type: 'timestamptz' }
  const utc = zoned(NOW, zone)
  if (op === 'SVFOP_LOCALTIMESTAMP') return { node: utc, type: 'timestamp' }
  if (op !== 'SVFOP_CURRENT_DATE') return undefined
  const names = ['pg_catalog', 'date'].map((sval) => ({ String: { sval } }))
  return { node: { TypeCast: { arg: utc, typeName: { names: names.slice(1), typemod: -1 } } }, type: 'date' }
}

function inUtc(clock: Clock): Clock {
  return clock.type === 'timestamptz' ? { node: zoned(clock.node), type: 'timestamp' } : clock
}

function asMoment(clock: Clock): Clock {
  return { node: zoned(clock.node), type: 'timestamptz' }
}

function zoned(node: Node, zone = 'UTC'): Node {
  return {
    FuncCall: {
      funcname: [{ String: { sval: 'timezone' } }],
      args: [{ A_Const: { sval: { sval: zone } } }, node],
      funcformat: 'COERCE_EXPLICIT_CALL',
    },
  }
}

function isConstant(node: Node): boolean {
  if ('A_Const' in node) return true
  return 'TypeCast' in node && node.TypeCast.arg !== undefined && isConstant(node.TypeCast.arg)
}

function hasInterval(node: Node): boolean {
  return 'TypeCast' in node && lastName(node.TypeCast.typeName?.names) === 'interval'
}

function lastName(names: readonly Node[] | undefined): string {
  const last = names?.at(-1)
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : ''
}
