import type { Migration, MigrationPart } from './migration.ts'

/**
 * Briefly, so that nobody queues behind a migration that waits for a long transaction: it fails, is rolled back, and can
 * be run again. Until the end of the transaction at most, and within it only for these statements.
 */
export const LOCK_TIMEOUT: MigrationPart = {
  comment: ['Fail rather than keep others waiting.'],
  statements: [`set local lock_timeout = '2s'`],
}
const LOCK_TIMEOUT_END: MigrationPart = {
  comment: [],
  statements: ['set local lock_timeout to default'],
}

/** The statements of one direction, with the lock time-out around them. */
export function guarded(parts: readonly MigrationPart[]): readonly MigrationPart[] {
  return [LOCK_TIMEOUT, ...parts, LOCK_TIMEOUT_END]
}

/** `-- …` for each line. */
function sqlComment(lines: readonly string[]): string {
  return lines.map((line) => `-- ${line}`.trimEnd()).join('\n')
}

/** A statement with its semicolon; on a line of its own where a comment at the end would hide it. */
export function terminated(statement: string): string {
  const text = statement.trim()
  const lastLine = text.slice(text.lastIndexOf('\n') + 1)
  return lastLine.includes('--') ? `${text}\n;` : `${text};`
}

/** A file of SQL. `between`: what a tool wants to see between two statements. */
export function sqlText(
  header: Migration['header'],
  parts: readonly MigrationPart[],
  between = '\n\n',
): string {
  const statements = parts.flatMap(({ comment, statements: all }) =>
    all.map((statement, i) => {
      const above = i === 0 && comment.length > 0 ? `${sqlComment(comment)}\n` : ''
      return above + terminated(statement)
    }),
  )
  return `${sqlComment(header)}\n\n${statements.join(between)}\n`
}
