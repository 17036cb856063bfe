import { SEED } from '../support/seed.ts'

const GIVEN = process.env['MILLRACE_FAULT_ROUNDS']

/** 1, 2, 3 …: as many as MILLRACE_FAULT_ROUNDS says, one where it says nothing. */
export function rounds(): readonly number[] {
  return Array.from({ length: Number(GIVEN ?? '1') }, (_, i) => i + 1)
}

/**
 * Where the number of rounds is not given, a run has half of the cases: `first` or `second`, which of them is the seed's affair.
 * Given both, two files share all cases between them.
 */
export function byTurns<Case>(cases: readonly Case[], half: 'first' | 'second'): readonly Case[] {
  if (GIVEN !== undefined) return cases
  const turn = SEED + (half === 'first' ? 0 : 1)
  return cases.filter((_, i) => (i + turn) % 2 === 0)
}
