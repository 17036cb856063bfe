import type { Script } from './script.ts'

/** A part of a script in which some rules are not to be told of. */
export interface Ignored {
  readonly start: number
  readonly end: number
  readonly rules: ReadonlySet<string> | 'all'
}

/**
 * `-- millrace-lint-ignore drop-money, truncate-source: why` goes for the next statement, `-- millrace-lint-ignore-file …` for
 * the whole script. Without names all rules are meant.
 */
export function ignoredIn({ comments, statements, text }: Script): readonly Ignored[] {
  return comments.flatMap(({ text: comment, start, end }): readonly Ignored[] => {
    const groups = DIRECTIVE.exec(comment)?.groups
    if (groups === undefined) return []
    const names = (groups['rules'] ?? '').split(/[\s,]+/).filter((it) => it !== '')
    const rules = names.length === 0 ? 'all' : new Set(names)
    if (groups['file'] !== undefined) return [{ start: 0, end: text.length, rules }]
    const next = statements.filter((it) => it.start >= end).sort((a, b) => a.start - b.start)[0]
    return [{ start, end: next?.end ?? text.length, rules }]
  })
}

const DIRECTIVE =
  /^(?:--|\/\*)\s*millrace-lint-ignore(?<file>-file)?(?:[ \t]+(?<rules>[\w, \t-]*?))?\s*(?::.*)?(?:\*\/)?$/s

export function isIgnored(ignored: readonly Ignored[], rule: string, at: number): boolean {
  return ignored.some(
    ({ start, end, rules }) => at >= start && at <= end && (rules === 'all' || rules.has(rule)),
  )
}
