import { MillraceError } from '../errors.ts'

/**
 * One error for all problems that were found: the first, with the others as its cause, so that a configuration is
 * mended in one go. `problemsOf` is its inverse.
 */
export function combine(problems: readonly [MillraceError, ...MillraceError[]]): MillraceError {
  const [first, ...others] = problems
  if (others.length === 0) return first
  const { code, detail, hint, position, source, file } = first
  return new MillraceError(code, { detail, hint, position, source, file, cause: new AggregateError(others) })
}

/** Throws what was found, all of it. */
export function throwProblems(problems: readonly MillraceError[]): void {
  const [first, ...others] = problems
  if (first !== undefined) throw combine([first, ...others])
}

/** The error itself and what was found together with it. */
export function problemsOf(error: MillraceError): readonly MillraceError[] {
  const others = error.cause instanceof AggregateError ? (error.cause.errors as readonly unknown[]) : []
  return [error, ...others.filter((it) => it instanceof MillraceError)]
}
