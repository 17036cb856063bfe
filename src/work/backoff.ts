/** How long to wait after the nth failure in a row: doubling from 100 ms to 30 s, with up to a half more by chance. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const base = Math.min(30_000, 100 * 2 ** Math.min(failures - 1, 20))
  return Math.round(base * (1 + random() / 2))
}
