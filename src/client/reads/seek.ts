import type { OrderColumn } from './order.ts'

/**
 * What the rows behind a place have in common, as one range of an index: they agree with it in the first columns of the order,
 * and in the next they come after it. `places` are those of columns in the order.
 */
export interface Stretch {
  readonly equal: readonly Agreement[]
  readonly last: { readonly place: number; readonly kind: 'greater' | 'less' | 'null' | 'notNull' }
}

export interface Agreement {
  readonly place: number
  readonly isNull: boolean
}

/**
 * The rows behind a place, nearest first, in as many stretches as it takes. A comparison of rows, `(a, b) > (1, 2)`, is one range
 * where all columns go one way and none is null; written out with OR it is none, and the index would be read from its
 * beginning. Each of these is one in every order.
 */
export function stretchesBehind(
  order: readonly OrderColumn[],
  isNull: readonly boolean[],
): readonly Stretch[] {
  const agreements = order.map((_, place) => ({ place, isNull: isNull[place] === true }))
  return agreements
    .flatMap(({ place }) => {
      const column = order[place]
      const equal = agreements.slice(0, place)
      const kinds = column === undefined ? [] : kindsBehind(column, isNull[place] === true)
      return [{ place, stretches: kinds.map((kind): Stretch => ({ equal, last: { place, kind } })) }]
    })
    .toReversed()
    .flatMap(({ stretches }) => stretches)
}

function kindsBehind(
  { isDescending, isNullsFirst }: OrderColumn,
  isNull: boolean,
): readonly Stretch['last']['kind'][] {
  if (isNull) return isNullsFirst ? ['notNull'] : []
  const beyond = isDescending ? 'less' : 'greater'
  return isNullsFirst ? [beyond] : [beyond, 'null']
}
