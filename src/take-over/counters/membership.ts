import { asEquality, namesOf } from '../../analyze/ast/nodes.ts'
import { mapTree } from '../../analyze/ast/walk.ts'
import { shapeOf } from '../../sql/deparse.ts'
import type { Node } from '../../sql/parse.ts'
import type { FoundRelation } from '../catalog.ts'
import { negation, simplified } from '../conditions.ts'
import { refersToRow, type Contribution } from './contribution.ts'

/**
 * Which rows of a source a counter counts, from when it is changed. A row that is inserted counts under the conditions of the
 * statement that adds it; one that an UPDATE takes out does not count any more, and its conditions on the new row say why. A
 * counter that only updates add to counts the rows that meet their conditions.
 */
export function countedRows(
  added: Contribution | undefined,
  changes: readonly Contribution[],
  source: FoundRelation,
): readonly Node[] | undefined {
  const ups = changes.filter(({ effect }) => effect.kind === 'delta' && effect.sign === 1)
  const downs = changes.filter(({ effect }) => effect.kind === 'delta' && effect.sign === -1)
  if (added === undefined) {
    const [first, ...more] = ups.map(({ guards }) => afterChange(guards))
    if (first === undefined || first.length === 0 || more.length > 0) return undefined
    return first
  }
  const out = downs.map(({ guards }) => afterChange(guards)).filter((it) => it.length > 0)
  const distinct = out.filter((it, i) => out.findIndex((other) => shapeOf(other) === shapeOf(it)) === i)
  const conditions = simplified([...ofNew(added.guards), ...distinct.map((it) => isNot(it, source))])
  return conditions === 'never' ? undefined : conditions
}

/** What a guard says about the new row, where it tells what the old one was: `old.status = 'open' and new.status <> old.status`. */
function afterChange(guards: readonly Node[]): readonly Node[] {
  const known = new Map(guards.flatMap((it) => valueOfOld(it)))
  const said = guards.map((guard) =>
    mapTree(guard, ({ node }) => {
      if (!('ColumnRef' in node)) return undefined
      const [row, column = ''] = namesOf(node.ColumnRef.fields)
      return row === 'old' ? known.get(column) : undefined
    }),
  )
  const left = simplified(said.filter((it) => refersToRow(it, ['new']) && !refersToRow(it, ['old'])))
  return left === 'never' ? [] : left
}

function ofNew(guards: readonly Node[]): readonly Node[] {
  return guards.filter((it) => !refersToRow(it, ['old']))
}

/** `old.status = 'open'`, `old.is_read`, `not old.is_read`. */
function valueOfOld(guard: Node): readonly (readonly [string, Node])[] {
  const equal = asEquality(guard)
  if (equal !== undefined) {
    const column = oldColumn(equal.left)
    return column === undefined || !('A_Const' in equal.right) ? [] : [[column, equal.right]]
  }
  const plain = oldColumn(guard)
  if (plain !== undefined) return [[plain, TRUE]]
  const negated =
    'BoolExpr' in guard && guard.BoolExpr.boolop === 'NOT_EXPR' ? guard.BoolExpr.args?.[0] : undefined
  const column = negated === undefined ? undefined : oldColumn(negated)
  return column === undefined ? [] : [[column, FALSE]]
}

const TRUE: Node = { A_Const: { boolval: { boolval: true } } }
const FALSE: Node = { A_Const: { boolval: {} } }

function oldColumn(node: Node): string | undefined {
  if (!('ColumnRef' in node)) return undefined
  const [row, column] = namesOf(node.ColumnRef.fields)
  return row === 'old' ? column : undefined
}

/** Null is neither: a row of which the condition is null was never taken out. */
function isNot(conditions: readonly Node[], source: FoundRelation): Node {
  const [first, ...more] = conditions
  const whole: Node =
    first !== undefined && more.length === 0
      ? first
      : { BoolExpr: { boolop: 'AND_EXPR', args: [...conditions] } }
  if (!mayBeNull(whole, source)) return negation(whole)
  return { BooleanTest: { arg: whole, booltesttype: 'IS_NOT_TRUE' } }
}

function mayBeNull(condition: Node, source: FoundRelation): boolean {
  const nullable = source.columns.filter((it) => !it.notNull).map(({ name }) => name)
  let found = false
  mapTree(condition, ({ node }) => {
    if ('ColumnRef' in node && nullable.includes(namesOf(node.ColumnRef.fields).at(-1) ?? '')) found = true
    if ('SubLink' in node) found = true
    return undefined
  })
  return found
}
