import type { Call } from '../catalog/catalog.ts'
import { shapeOf } from '../sql/deparse.ts'
import type { Node, SelectStmt } from '../sql/parse.ts'
import { functionName, namesOf } from './ast/nodes.ts'
import { mapTree, walk } from './ast/walk.ts'

/**
 * Queries in which one of the places that may be this call is the call of another function instead. Which place is it the tree does not
 * tell, for it has no types: the server is asked about each. An expression that stands in several places, as that of
 * GROUP BY does, is replaced in all of them.
 */
export function* pinCandidates(
  select: SelectStmt,
  call: Call,
  pin: readonly string[],
): Generator<SelectStmt> {
  const named = withNames(select)
  for (const argumentsOf of [explicitArguments, implicitArgument]) {
    const shapes = new Set<string>()
    walk({ SelectStmt: named }, ({ node }) => {
      if (argumentsOf(call, node) !== undefined) shapes.add(shapeOf(node))
    })
    for (const shape of shapes) yield replaced(named, shape, (node) => argumentsOf(call, node), pin)
  }
}

type ArgumentsOf = (node: Node) => readonly Node[] | undefined

function replaced(
  select: SelectStmt,
  shape: string,
  argumentsOf: ArgumentsOf,
  pin: readonly string[],
): SelectStmt {
  return mapTree(select, ({ node }) => {
    const args = argumentsOf(node)
    return args !== undefined && shapeOf(node) === shape ? callOf(pin, args) : undefined
  })
}

function callOf(names: readonly string[], args: readonly Node[]): Node {
  return {
    FuncCall: {
      funcname: names.map((sval) => ({ String: { sval } })),
      args: [...args],
      funcformat: 'COERCE_EXPLICIT_CALL',
    },
  }
}

/** A column without AS has its own name, which a call would not have. */
function withNames(select: SelectStmt): SelectStmt {
  return mapTree(select, ({ node }) => {
    if (!('ResTarget' in node) || node.ResTarget.name !== undefined) return undefined
    const { val } = node.ResTarget
    if (val === undefined || !('ColumnRef' in val)) return undefined
    const name = namesOf(val.ColumnRef.fields).at(-1) ?? ''
    return name === '*' ? undefined : { ResTarget: { ...node.ResTarget, name } }
  })
}

/** A function, an operator or a cast that is written out. */
function explicitArguments(
  { name, operators, argumentTypes }: Call,
  node: Node,
): readonly Node[] | undefined {
  if ('FuncCall' in node) {
    const { args = [], over, agg_order, agg_filter, func_variadic } = node.FuncCall
    const isPlain = over === undefined && agg_order === undefined && agg_filter === undefined
    const isIt = functionName(node.FuncCall) === name && args.length === argumentTypes.length
    return isPlain && isIt && func_variadic !== true ? args : undefined
  }
  if ('A_Expr' in node && node.A_Expr.kind === 'AEXPR_OP') {
    const { lexpr, rexpr, name: operator } = node.A_Expr
    if (lexpr === undefined || rexpr === undefined) return undefined
    return operators.includes(namesOf(operator).at(-1) ?? '') ? [lexpr, rexpr] : undefined
  }
  if ('TypeCast' in node && argumentTypes.length === 1) {
    const { arg } = node.TypeCast
    // What a constant is was settled when it was read.
    return arg === undefined || 'A_Const' in arg ? undefined : [arg]
  }
  return undefined
}

/** A cast that the server adds by itself stands around any expression. */
function implicitArgument({ argumentTypes }: Call, node: Node): readonly Node[] | undefined {
  const isExpression = 'ColumnRef' in node || 'FuncCall' in node || 'A_Expr' in node || 'TypeCast' in node
  return isExpression && argumentTypes.length === 1 ? [node] : undefined
}
