import { MillraceError } from '../errors.ts'
import { nameProblem } from './check-name.ts'
import { describe } from './describe.ts'
import { isRecord } from './is-record.ts'
import type { RankOptions } from './leaderboard.ts'
import type { ReadModel } from './read-model.ts'

/**
 * What is wrong with how a leaderboard's rows are to be ranked, as far as its declaration tells; the columns themselves are
 * looked up where the query is known.
 */
export function leaderboardProblems({ leaderboard, freshness }: ReadModel): readonly MillraceError[] {
  const declared: unknown = leaderboard
  if (declared === undefined) return []
  if (!isRecord(declared))
    return [bad(`leaderboard is ${describe(declared)}`, `Write leaderboard('board', { … }).`)]
  const { score, ties, within } = declared
  return [
    ...(freshness === 'eventual'
      ? []
      : [bad(`its freshness is ${shown(freshness)}`, `Leave it out, or write freshness: 'eventual'.`)]),
    ...(typeof score === 'string'
      ? []
      : [bad(`score is ${describe(score)}`, `Name an output column: score: 'points desc'.`)]),
    ...listProblems('ties', ties, `Name output columns: ties: ['created_at', 'id'].`),
    ...withinProblems(within),
  ]
}

/** The declaration as the compiler wants it. */
export function rankOptions({ leaderboard }: ReadModel): RankOptions | undefined {
  if (leaderboard === undefined) return undefined
  const { score, ties, within } = leaderboard
  return { score, ties, within }
}

function withinProblems(within: unknown): readonly MillraceError[] {
  const hint = `Write a list of lists of output columns: within: [['country'], ['country', 'category']].`
  if (!Array.isArray(within)) return [bad(`within is ${describe(within)}`, hint)]
  return within.flatMap((list: unknown) => {
    if (Array.isArray(list) && list.length === 0) return [bad('within has an empty list', hint)]
    const found = listProblems('an entry of within', list, hint)
    const wrong = Array.isArray(list) ? list.map((it: unknown) => nameProblem(it)) : []
    const [first] = wrong.filter((it) => it !== undefined)
    return found.length > 0 || first === undefined ? found : [bad(`a column of within ${first}`, hint)]
  })
}

function listProblems(what: string, list: unknown, hint: string): readonly MillraceError[] {
  if (!Array.isArray(list)) return [bad(`${what} is ${describe(list)}`, hint)]
  const wrong: readonly unknown[] = list.filter((it) => typeof it !== 'string')
  return wrong.length === 0 ? [] : [bad(`${what} holds ${describe(wrong[0])}`, hint)]
}

function shown(freshness: unknown): string {
  return typeof freshness === 'string' ? freshness : describe(freshness)
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_LEADERBOARD', { detail, hint })
}
