import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { MillraceError } from '../errors.ts'
import type { LintedText } from '../lint/lint.ts'
import { sqlInScript, type Unread } from '../lint/scripts/sql-in-script.ts'
import { loadParser } from '../sql/parse.ts'
import { readInput } from './read-query.ts'
import type { Session } from './session.ts'

const HINT =
  'Name files of SQL, scripts, folders or patterns: millrace lint migrations, or - for what is piped in.'

const IN_FOLDERS = ['**/*.{sql,js,cjs,mjs,ts,cts,mts}', '!**/*.d.{ts,cts,mts}', '!**/node_modules/**']

/** What standard input is called in findings. */
export const STDIN = '(stdin)'

/** Reads what the command line names: files, folders with all SQL and migrations' scripts in them, patterns, `-`. In the order of their names. */
export async function readLintFiles(
  { cwd, stdin }: Session,
  named: readonly string[],
): Promise<readonly LintFile[]> {
  if (named.length === 0) throw new MillraceError('BAD_USAGE', { detail: 'no file is named', hint: HINT })
  const files = await found(
    cwd,
    named.filter((it) => it !== '-'),
  )
  await loadParser()
  const texts = files.map((it) => readText(cwd, it))
  const piped = named.includes('-') ? [{ file: STDIN, text: await readInput(stdin) }] : []
  return [...(await Promise.all(texts)).filter((it) => it !== undefined), ...piped]
}

/** A text, and what of a script is not looked at. */
export interface LintFile extends LintedText {
  readonly unread?: readonly Unread[] | undefined
}

interface FoundFile {
  readonly file: string
  /** It was named itself, and not a folder that it is in. */
  readonly isNamed: boolean
}

async function readText(cwd: string, { file, isNamed }: FoundFile): Promise<LintFile | undefined> {
  const source = await readFile(resolve(cwd, file), 'utf8')
  if (!SCRIPT.test(file)) return { file, text: source }
  const { text, offsets, inTransaction, isMigration, unread } = await sqlInScript(source, file)
  if (!isNamed && !isMigration) return undefined
  return { file, text, inTransaction, script: { source, offsets }, unread }
}

const SCRIPT = /(?<!\.d)\.[cm]?[jt]s$/

async function found(cwd: string, named: readonly string[]): Promise<readonly FoundFile[]> {
  const files = new Map<string, FoundFile>()
  for (const name of named) {
    const entry = await stat(resolve(cwd, name)).catch(() => undefined)
    const matches =
      entry?.isFile() === true
        ? [name]
        : entry === undefined
          ? await glob([name], { cwd, dot: true, expandDirectories: false })
          : (await glob(IN_FOLDERS, { cwd: resolve(cwd, name), dot: true })).map((it) => join(name, it))
    if (matches.length === 0)
      throw new MillraceError('BAD_USAGE', { detail: `there is no file ${name}`, hint: HINT })
    const isNamed = entry?.isDirectory() !== true
    for (const file of matches.sort())
      files.set(file, { file, isNamed: files.get(file)?.isNamed === true || isNamed })
  }
  return [...files.values()]
}
