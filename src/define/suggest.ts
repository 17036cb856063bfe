/** The option that was probably meant: `Did you mean "freshness"?`, or what there is. */
export function suggest(written: string, known: readonly string[]): string {
  const [best] = known
    .map((name) => ({ name, distance: distance(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  // A third of the letters wrong is a typing error; more is another word.
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3))) {
    return `Did you mean "${best.name}"?`
  }
  return known.length === 0 ? 'There is none.' : `There is: ${known.join(', ')}.`
}

/** Levenshtein's distance: how many letters must be added, left out or changed. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(change, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
