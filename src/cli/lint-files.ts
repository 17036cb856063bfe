import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { MillraceError } from '../errors.ts'
import type { LintedText } from '../lint/lint.ts'
import { readInput } from './read-query.ts'
import type { Session } from './session.ts'

const HINT = 'Name files of SQL, folders or patterns: millrace lint migrations, or - for what is piped in.'

/** What standard input is called in findings. */
export const STDIN = '(stdin)'

/** Reads what the command line names: files, folders with all `.sql` in them, patterns, `-`. In the order of their names. */
export async function readLintFiles(
  { cwd, stdin }: Session,
  named: readonly string[],
): Promise<readonly LintedText[]> {
  if (named.length === 0) throw new MillraceError('BAD_USAGE', { detail: 'no file is named', hint: HINT })
  const files = await found(
    cwd,
    named.filter((it) => it !== '-'),
  )
  const texts = files.map(async (file) => ({ file, text: await readFile(resolve(cwd, file), 'utf8') }))
  const piped = named.includes('-') ? [{ file: STDIN, text: await readInput(stdin) }] : []
  return [...(await Promise.all(texts)), ...piped]
}

async function found(cwd: string, named: readonly string[]): Promise<readonly string[]> {
  const files = new Set<string>()
  for (const name of named) {
    const entry = await stat(resolve(cwd, name)).catch(() => undefined)
    const matches =
      entry?.isFile() === true
        ? [name]
        : entry === undefined
          ? await glob([name], { cwd, dot: true, expandDirectories: false })
          : (await glob(['**/*.sql'], { cwd: resolve(cwd, name), dot: true })).map((it) => join(name, it))
    if (matches.length === 0)
      throw new MillraceError('BAD_USAGE', { detail: `there is no file ${name}`, hint: HINT })
    for (const file of matches.sort()) files.add(file)
  }
  return [...files]
}
