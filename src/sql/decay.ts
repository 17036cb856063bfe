import type { Node } from './parse.ts'
import { literal, sql, trusted, type Sql } from './sql.ts'

/** How a score loses worth with age: by the same part in equal times, or by the same amount. */
export type DecayKind = 'exponential' | 'linear'

export interface DecayParts<Piece> {
  readonly kind: DecayKind
  readonly score: Piece
  readonly at: Piece
  /** By the second, as a decimal number: λ of score·e^(−λ·age), c of score − c·age. */
  readonly rate: string
}

/** By these names the server's text of a query is found to hold a decay. No table and no function is called so. */
const NAMES: Readonly<Record<DecayKind, string>> = {
  exponential: 'millrace.exponential_decay',
  linear: 'millrace.linear_decay',
}
const CARRIER = 'jsonb_build_array'

/**
 * A decay as it stands in a query: something that any server resolves and types without having heard of Millrace. It is never
 * evaluated, for the compiler takes it apart again.
 */
export function decaySql({ kind, score, at, rate }: DecayParts<Sql>): Sql {
  // A line break before each parenthesis: the user's SQL may end with a comment.
  return sql`pg_catalog.${trusted(CARRIER)}(${literal(NAMES[kind])}::text, (${score}
)::numeric, (${at}
)::timestamptz, ${literal(rate)}::text)`
}

/** A decay found in a tree; undefined for any other node. */
export function asDecay(node: Node): DecayParts<Node> | undefined {
  if (!('FuncCall' in node)) return undefined
  const name = node.FuncCall.funcname?.at(-1)
  if (name === undefined || !('String' in name) || name.String.sval !== CARRIER) return undefined
  const [marker, score, at, rate] = node.FuncCall.args ?? []
  const marked = textOf(marker)
  const kind = (['exponential', 'linear'] as const).find((it) => NAMES[it] === marked)
  const perSecond = textOf(rate)
  if (kind === undefined || score === undefined || at === undefined || perSecond === undefined)
    return undefined
  return { kind, score, at, rate: perSecond }
}

function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if ('TypeCast' in node) return textOf(node.TypeCast.arg)
  return 'A_Const' in node ? node.A_Const.sval?.sval : undefined
}
