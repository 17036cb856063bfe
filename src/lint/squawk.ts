import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { placeIn, type Finding } from './finding.ts'
import { isIgnored, ignoredIn } from './ignore.ts'
import { withoutEdits, type LintedText, type RuleFinding } from './lint.ts'
import { readScript } from './script.ts'

export interface SquawkOptions {
  /** Where its configuration (.squawk.toml) and its program are looked for. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly inTransaction: boolean
  readonly signal?: AbortSignal | undefined
}

export type SquawkOutcome =
  | { readonly state: 'ran'; readonly findings: readonly Finding[] }
  | { readonly state: 'not installed' }
  | { readonly state: 'failed'; readonly detail: string }

/** Runs Squawk (https://squawkhq.com) over the texts, where it is installed: in node_modules, or on the PATH. */
export async function runSquawk(
  texts: readonly LintedText[],
  options: SquawkOptions,
): Promise<SquawkOutcome> {
  const program = await findProgram(options)
  if (program === undefined) return { state: 'not installed' }
  const findings: Finding[] = []
  for (const text of texts) {
    const outcome = await runOn(program, text, options)
    if (typeof outcome === 'string') return { state: 'failed', detail: outcome }
    findings.push(...outcome)
  }
  return { state: 'ran', findings }
}

async function findProgram({ cwd, env }: SquawkOptions): Promise<string | undefined> {
  const folders = [
    ...upwards(cwd).map((it) => join(it, 'node_modules', '.bin')),
    ...(env['PATH'] ?? '').split(delimiter).filter((it) => it !== ''),
  ]
  for (const folder of folders) {
    const program = join(folder, 'squawk')
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return program
  }
  return undefined
}

function upwards(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...upwards(parent)]
}

/** More than any report on one file. */
const MAX_OUTPUT = 64 * 1_048_576

/** A text at a time on its standard input, so that each finding belongs to one, whatever its name. A string: why it failed. */
async function runOn(
  program: string,
  { file, text, inTransaction }: LintedText,
  { cwd, env, signal, ...options }: SquawkOptions,
): Promise<readonly Finding[] | string> {
  const flags = [
    '--reporter',
    'json',
    '--stdin-filepath',
    file,
    ...((inTransaction ?? options.inTransaction) ? ['--assume-in-transaction'] : []),
  ]
  return await new Promise((resolve) => {
    const child = execFile(
      program,
      flags,
      { cwd, env, signal, maxBuffer: MAX_OUTPUT },
      (error, stdout, stderr) => {
        const rows = rowsIn(stdout)
        if (rows === undefined) resolve(stderr.trim() || (error?.message ?? 'it printed no report'))
        else resolve(rows.map((row) => findingOf(row, file, text)))
      },
    )
    // It may end before it has read everything: what it printed says why.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(text)
  })
}

/** As Squawk's JSON reporter prints it: lines and columns from 0, columns in bytes. */
interface Row {
  readonly line: number
  readonly column: number
  readonly level: string
  readonly message: string
  readonly help: string | null
  readonly rule_name: string
}

function rowsIn(stdout: string): readonly Row[] | undefined {
  if (stdout.trim() === '') return undefined
  try {
    const rows: unknown = JSON.parse(stdout)
    return Array.isArray(rows) ? (rows as readonly Row[]) : undefined
  } catch {
    return undefined
  }
}

function findingOf(
  { line, column, level, message, help, rule_name: rule }: Row,
  file: string,
  text: string,
): Finding {
  return {
    rule,
    from: 'squawk',
    level: level === 'Error' ? 'error' : 'warning',
    file,
    ...placeIn(text, offsetOf(text, line, column)),
    message,
    help,
    url: `https://squawkhq.com/docs/${rule}`,
    canFix: false,
  }
}

function offsetOf(text: string, line: number, bytes: number): number {
  const lines = text.split('\n')
  const before = lines.slice(0, line).reduce((sum, it) => sum + it.length + 1, 0)
  return (
    before +
    Buffer.from(lines[line] ?? '')
      .subarray(0, bytes)
      .toString().length
  )
}

/** Both in one list: Squawk's is left out where ours says more of the same statement, or where it is ignored. */
export function mergeFindings(
  texts: readonly LintedText[],
  ours: readonly RuleFinding[],
  squawks: readonly Finding[],
  ignore: readonly string[] = [],
): readonly Finding[] {
  return texts.flatMap(({ file, text }) => {
    const own = ours.filter((it) => it.file === file)
    const ignored = ignoredIn(readScript(text))
    const theirs = squawks.filter((it) => {
      if (it.file !== file || ignore.includes(it.rule)) return false
      const offset = offsetOf(text, it.line - 1, 0) + it.column - 1
      const isSaid = own.some(
        ({ start, end, insteadOf }) => offset >= start && offset <= end && insteadOf.includes(it.rule),
      )
      return !isSaid && !isIgnored(ignored, it.rule, offset)
    })
    return [...own.map(withoutEdits), ...theirs].sort((a, b) => a.line - b.line || a.column - b.column)
  })
}
