/**
 * Where all draws of the tests begin, and whose turn it is where there is too much for one run. `npm test` begins at the same place each
 * time: it tells of what has been changed, and not of what was there. `npm run test:long` draws a place of its own. MILLRACE_SEED chooses
 * one, to look elsewhere or to repeat what has been found.
 */
export const SEED = Number(process.env['MILLRACE_SEED'] ?? 20_251_121)

/** As many of these as shall be tried: with another seed, others. */
export function turnOf<Case>(cases: readonly Case[], tried: number): readonly Case[] {
  const first = SEED % cases.length
  return [...cases.slice(first), ...cases.slice(0, first)].slice(0, tried)
}
