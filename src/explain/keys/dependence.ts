/**
 * A functional dependence among the values of one SELECT: rows that agree in all of `from` agree in `to`. Values are named by
 * tokens: a column, an expression, or all of a table's row.
 */
export interface Dependence {
  readonly from: readonly string[]
  readonly to: string
}

/** All that is settled once `given` is: the closure of Armstrong's axioms, by going through the rules until nothing is added. */
export function closure(given: readonly string[], rules: readonly Dependence[]): ReadonlySet<string> {
  const settled = new Set(given)
  for (let before = -1; before !== settled.size;) {
    before = settled.size
    for (const { from, to } of rules) {
      if (!settled.has(to) && from.every((it) => settled.has(it))) settled.add(to)
    }
  }
  return settled
}
