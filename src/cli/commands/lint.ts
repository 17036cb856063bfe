import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { MillraceError } from '../../errors.ts'
import { placeIn } from '../../lint/finding.ts'
import { fixTexts } from '../../lint/fix.ts'
import { lintTexts, type LintedText } from '../../lint/lint.ts'
import type { LintContext } from '../../lint/rule.ts'
import { inScripts } from '../../lint/scripts/in-script.ts'
import { mergeFindings, runSquawk, type SquawkOutcome } from '../../lint/squawk.ts'
import { readLintContext } from '../lint-context.ts'
import { readLintFiles, STDIN, type LintFile } from '../lint-files.ts'
import { renderFindings, renderForGitHub } from '../render-findings.ts'
import type { Run, Session } from '../session.ts'

interface Options {
  readonly fix?: boolean
  readonly github?: boolean
  readonly squawk: boolean
  readonly inTransaction?: boolean
  readonly database?: string
}

const HELP = `
Read models are known from the configuration and from the database, tables from the files and the database; neither is needed.
Findings of Squawk (npm install --save-dev squawk-cli) are in the same report where it is installed.

-- millrace-lint-ignore drop-money, truncate-source: why     before a statement leaves it out of these rules
-- millrace-lint-ignore-file write-to-millrace: why          leaves out the whole file

Exit codes:
  0  nothing was found
  1  something was found, or an error

Example:
  millrace lint migrations
  millrace lint 'prisma/migrations/*/migration.sql' --github
  pbpaste | millrace lint - --json`

/** `millrace lint`: exit code 1 if it finds something. */
export function lintCommand(run: Run): Command {
  return new Command('lint')
    .description('Checks SQL of migrations for what breaks read models, loses rows or keeps others waiting.')
    .argument(
      '<files...>',
      'files of SQL, scripts of migrations, folders, patterns, or - for what is piped in',
    )
    .option('--fix', 'rewrite what can be rewritten safely, in place')
    .option('--github', 'print commands for GitHub Actions, which shows them beside the lines')
    .option('--in-transaction', 'whoever runs the files puts each into a transaction')
    .option('--database <url>', 'instead of that of the configuration or DATABASE_URL')
    .option('--no-squawk', 'leave Squawk out')
    .addHelpText('after', HELP)
    .action((named: readonly string[], options: Options) =>
      run('lint', async (session) => {
        const context = await readLintContext(session, options)
        const written = await readLintFiles(session, named)
        const { texts, fixed } = await fixIfAsked(session, written, context, options)
        const squawk = await squawkOn(session, texts, options)
        const theirs = squawk.state === 'ran' ? squawk.findings : []
        const merged = mergeFindings(texts, lintTexts(texts, context), theirs, context.ignore)
        const findings = inScripts(merged, texts)
        const unread = unreadIn(written)
        for (const { file, line, column, because } of unread)
          session.output.log(`not looked at: ${file}:${String(line)}:${String(column)}: ${because}`)
        const outcome = { files: texts.length, fixed, squawk: squawk.state, findings, unread }
        session.output.result(outcome, (it, style) =>
          options.github === true ? renderForGitHub(it.findings) : renderFindings(it, style),
        )
        return findings.length === 0 ? 0 : 1
      }),
    )
}

/** What of scripts is not looked at, by its place. */
function unreadIn(files: readonly LintFile[]) {
  return files.flatMap(({ file, script, unread = [] }) =>
    unread.map(({ at, because }) => {
      const { line, column } = placeIn(script?.source ?? '', at)
      return { file, line, column, because }
    }),
  )
}

async function fixIfAsked(
  { cwd }: Session,
  texts: readonly LintedText[],
  context: LintContext,
  { fix }: Options,
): Promise<{ readonly texts: readonly LintedText[]; readonly fixed: number }> {
  if (fix !== true) return { texts, fixed: 0 }
  if (texts.some(({ file }) => file === STDIN)) {
    const hint = 'Name the files, or leave --fix out.'
    throw new MillraceError('BAD_USAGE', { detail: '--fix rewrites files, and - is none', hint })
  }
  const outcome = fixTexts(texts, context)
  for (const [i, { file, text, script }] of outcome.texts.entries())
    if (script === undefined && text !== texts[i]?.text) await writeFile(resolve(cwd, file), text)
  return outcome
}

async function squawkOn(
  session: Session,
  texts: readonly LintedText[],
  { squawk, inTransaction = false }: Options,
): Promise<SquawkOutcome | { readonly state: 'left out' }> {
  if (!squawk) return { state: 'left out' }
  const { cwd, env, signal, output } = session
  const outcome = await runSquawk(texts, { cwd, env, inTransaction, signal })
  signal.throwIfAborted()
  if (outcome.state === 'not installed')
    output.log('squawk is not installed: its rules are left out (npm install --save-dev squawk-cli)')
  if (outcome.state === 'failed') output.log(`squawk failed, its rules are left out: ${outcome.detail}`)
  return outcome
}
