/** A list in lists of so many at most. */
export function inPortions<T>(all: readonly T[], size: number): readonly (readonly [T, ...T[]])[] {
  const portions: (readonly [T, ...T[]])[] = []
  for (let i = 0; i < all.length; i += size) {
    const [first, ...more] = all.slice(i, i + size)
    if (first !== undefined) portions.push([first, ...more])
  }
  return portions
}
