import { MillraceError, type ErrorCode } from '../errors.ts'
import { parseStatements, type Node } from '../sql/parse.ts'
import { nameProblem } from './check-name.ts'
import type { Job } from './job.ts'
import { queryText } from './query-text.ts'
import { scheduleOf, scheduleProblems, type Schedule } from './schedule.ts'

/** A job as it is installed: checked, every default filled in, the statement as text. */
export interface JobDefinition {
  readonly name: string
  readonly schedule: Schedule
  readonly statement: string
  /** File and line of the declaration. */
  readonly file: string | undefined
}

export interface ResolvedJob {
  readonly definition: JobDefinition
  readonly problems: readonly MillraceError[]
}

const OWN = ['kind', 'name', 'declaredAt', 'run']

/** Checks a declared job. Needs the parser. */
export function resolveJob(declaration: Job): ResolvedJob {
  const { name, declaredAt: file } = declaration
  const { text, problems: statement } = statementOf(declaration.run)
  const schedule = scheduleProblems(declaration, OWN)
  const found = [
    ...nameProblems(name),
    ...schedule.map(({ detail, hint }) => problem('BAD_SCHEDULE', detail, hint)),
    ...statement,
  ]
  const problems = found.map(({ code, detail, hint, position, source, cause }) => {
    const title = typeof name === 'string' && name !== '' ? name : '(without a name)'
    const named = `job ${title}: ${detail ?? ''}`
    return new MillraceError(code, { detail: named, hint, position, source, cause, file })
  })
  const checked = schedule.length === 0 ? scheduleOf(declaration) : NO_SCHEDULE
  return { definition: { name, schedule: checked, statement: text, file }, problems }
}

/** Of a declaration that is refused. */
const NO_SCHEDULE: Schedule = { every: '', timeZone: 'UTC', timeoutMs: 0 }

function nameProblems(name: unknown): readonly MillraceError[] {
  const found = nameProblem(name)
  if (found === undefined) return []
  return [problem('BAD_DECLARATION', `the name ${found}`, `Write job('nightly_cleanup', { … }).`)]
}

function statementOf(run: unknown): {
  readonly text: string
  readonly problems: readonly MillraceError[]
} {
  const hint = 'Write run: sql`delete from …`.'
  if (run === undefined) return { text: '', problems: [problem('BAD_DECLARATION', '"run" is missing', hint)] }
  try {
    const text = queryText(run)
    return { text, problems: statementProblems(text) }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return { text: '', problems: [new MillraceError(error.code, { detail: error.detail, hint })] }
  }
}

function statementProblems(text: string): readonly MillraceError[] {
  const outcome = parseStatements(text)
  if (outcome.kind === 'problem') {
    const { message: detail, position } = outcome.problem
    const hint = 'Correct the statement at the place shown.'
    return [new MillraceError('BAD_DECLARATION', { detail, hint, position, source: text })]
  }
  const [only, ...more] = outcome.statements
  if (only === undefined || more.length > 0) {
    const detail = `"run" holds ${String(outcome.statements.length)} statements`
    return [
      problem('BAD_DECLARATION', detail, 'Write one; several can be put into a DO block or a function.'),
    ]
  }
  const kind = noTransaction(only)
  if (kind === undefined) return []
  const hint = 'A job runs in a transaction, so that it is done once or not at all.'
  return [problem('BAD_DECLARATION', `${kind} cannot run in a transaction`, hint)]
}

/** What the server takes outside of a transaction only, or what would end one. */
function noTransaction(statement: Node): string | undefined {
  if ('TransactionStmt' in statement) return 'BEGIN, COMMIT or ROLLBACK'
  if ('VacuumStmt' in statement && statement.VacuumStmt.is_vacuumcmd === true) return 'VACUUM'
  if ('IndexStmt' in statement && statement.IndexStmt.concurrent === true) return 'CREATE INDEX CONCURRENTLY'
  if ('AlterSystemStmt' in statement) return 'ALTER SYSTEM'
  if ('CreatedbStmt' in statement || 'DropdbStmt' in statement) return 'CREATE or DROP DATABASE'
  if ('CopyStmt' in statement && statement.CopyStmt.filename === undefined) return 'COPY from or to a client'
  return undefined
}

function problem(code: ErrorCode, detail: string, hint: string): MillraceError {
  return new MillraceError(code, { detail, hint })
}
