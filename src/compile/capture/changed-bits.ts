/**
 * The `changed` column of a queue: bit `attnum % 63` is set if that column's image differs between old and new. The
 * sign bit says that a row came or went, which matters to every occurrence. Two columns may share a bit in a table of
 * more than 63: a superset of the changes, which is always right.
 */
export function bitOf(attnum: number): bigint {
  return 1n << BigInt(attnum % 63)
}

/** Set for rows that came or went; as a bigint it is the lowest number. */
const CAME_OR_WENT = -(1n << 63n)

/** The mask of an occurrence that reads these columns. */
export function maskOf(columns: readonly { readonly attnum: number }[]): bigint {
  return columns.reduce((mask, { attnum }) => mask | bitOf(attnum), CAME_OR_WENT)
}

/** Quoted: the lowest bigint cannot be written as a number, for its digits alone are one too many. */
export function maskLiteral(mask: bigint): string {
  return `'${String(mask)}'::bigint`
}
