import { describe } from './describe.ts'

/** What is wrong with the URL of a database, without repeating a password; undefined if nothing is. */
export function databaseUrlProblem(url: unknown): string | undefined {
  if (typeof url !== 'string' || url === '') return `is ${describe(url)} and not a URL`
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined) return 'is not a URL'
  if (!['postgres:', 'postgresql:'].includes(parsed.protocol))
    return `begins with ${parsed.protocol} and not with postgresql:`
  return undefined
}

/** A URL as it may be shown: without its password. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return '(a URL that cannot be read)'
  const shown = new URL(url)
  if (shown.password !== '') shown.password = '***'
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***')
  return shown.href
}
