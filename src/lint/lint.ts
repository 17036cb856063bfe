import { placeIn, type Finding } from './finding.ts'
import { isIgnored, ignoredIn } from './ignore.ts'
import { afterwards, NOTHING_KNOWN, type Known } from './known.ts'
import type { Edit, Found, LintContext, Rule } from './rule.ts'
import { RULES } from './rules.ts'
import { readScript, type Script, type Statement } from './script.ts'

export interface LintedText {
  readonly file: string
  readonly text: string
  /** Whoever runs it puts it into a transaction; else as the context says. */
  readonly inTransaction?: boolean | undefined
  /** The text was put together from what this script runs. */
  readonly script?: WrittenScript | undefined
}

export interface WrittenScript {
  readonly source: string
  /** Where each character of the text stands in it. */
  readonly offsets: readonly number[]
}

/** One thing that a rule found, with the part of the script that it is about. */
export interface RuleFinding extends Finding {
  readonly start: number
  readonly end: number
  readonly insteadOf: readonly string[]
  readonly fix: readonly Edit[] | undefined
}

const NO_CONTEXT: LintContext = {
  uses: [],
  known: NOTHING_KNOWN,
  keep: [],
  ignore: [],
  inTransaction: false,
}

/**
 * What is wrong with one script, in the order of the text; nothing: it is well. Needs the parser (`loadParser`). A script that
 * cannot be parsed is a finding with the rule `syntax-error`, and the statements that can are looked at all the same.
 */
export function lintSql(text: string, context: Partial<LintContext> = {}, file = ''): readonly RuleFinding[] {
  return lintTexts([{ file, text }], context)
}

/** The same of several, in the order in which they run: what one makes, the next ones know. */
export function lintTexts(
  texts: readonly LintedText[],
  context: Partial<LintContext> = {},
): readonly RuleFinding[] {
  const whole = { ...NO_CONTEXT, ...context }
  const scripts = texts.map(({ file, text, inTransaction = whole.inTransaction }) =>
    readScript(text, { file, inTransaction }),
  )
  const later = scripts.reduce(afterScript, whole.known)
  const found: RuleFinding[] = []
  let known = whole.known
  for (const script of scripts) {
    found.push(...lintScript(script, { ...whole, known }, later))
    known = afterScript(known, script)
  }
  return found
}

function afterScript(known: Known, { statements, file }: Script): Known {
  return statements
    .filter(({ within }) => within === undefined)
    .reduce((before, { node }) => afterwards(before, node, file), known)
}

function lintScript(script: Script, context: LintContext, later: Known): readonly RuleFinding[] {
  const ignored = ignoredIn(script)
  const problems = script.problems.map(({ message, at }) =>
    findingOf(
      script,
      SYNTAX,
      { start: at, end: script.text.length },
      { at, message, help: 'Only what PostgreSQL can read can be looked at.' },
    ),
  )
  const found: RuleFinding[] = []
  let { known } = context
  for (const statement of script.statements) {
    const scene = { ...context, known, later, script }
    for (const rule of RULES.filter(({ name }) => !context.ignore.includes(name))) {
      const here = rule.check(statement, scene).filter(({ at }) => !isIgnored(ignored, rule.name, at))
      found.push(...here.map((it) => findingOf(script, rule, statement, it)))
    }
    if (statement.within === undefined) known = afterwards(known, statement.node, script.file)
  }
  return [...problems, ...found].sort((a, b) => a.line - b.line || a.column - b.column)
}

const SYNTAX: Omit<Rule, 'check'> = {
  name: 'syntax-error',
  level: 'error',
  insteadOf: ['syntax-error'],
}

function findingOf(
  { file, text }: Script,
  { name, level, insteadOf = [] }: Omit<Rule, 'check'>,
  { start, end }: Pick<Statement, 'start' | 'end'>,
  { at, message, help, fix }: Found,
): RuleFinding {
  const canFix = fix !== undefined && fix.length > 0
  const url = name === SYNTAX.name ? null : `docs/lint/${name}.md`
  return {
    rule: name,
    from: 'millrace',
    level,
    file,
    ...placeIn(text, at),
    message,
    help,
    url,
    canFix,
    start,
    end,
    insteadOf,
    fix,
  }
}

/** What is told of a finding. */
export function withoutEdits(found: RuleFinding): Finding {
  const { rule, from, level, file, line, column, text, message, help, url, canFix } = found
  return { rule, from, level, file, line, column, text, message, help, url, canFix }
}
