import { databaseUrlProblem } from '../define/check-database-url.ts'
import { MillraceError } from '../errors.ts'

/** The URL given with `--database`, if it is one. */
export function checkedUrl(url: string): string {
  const problem = databaseUrlProblem(url)
  if (problem === undefined) return url
  const hint = 'Write postgresql://user:password@host:5432/database.'
  throw new MillraceError('BAD_DATABASE_URL', { detail: `--database ${problem}`, hint })
}
