import type { Finding } from './finding.ts'
import type { Known } from './known.ts'
import type { Script, Statement } from './script.ts'
import type { ModelUse } from './uses.ts'

/** What a linter is told of besides the scripts. */
export interface LintContext {
  /** What read models read, and by which columns. */
  readonly uses: readonly ModelUse[]
  /** Tables and functions that stand before the first script runs. */
  readonly known: Known
  /** Tables whose rows no retention may delete, besides those that look like money. */
  readonly keep: readonly string[]
  /** Rules that are left out. */
  readonly ignore: readonly string[]
  /** Whoever runs a script puts it into a transaction. */
  readonly inTransaction: boolean
}

/** What a rule looks at besides the statement. */
export interface Scene extends LintContext {
  readonly script: Script
  /** What stands when all scripts have run. */
  readonly later: Known
}

export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface Found {
  /** Offset into the script. */
  readonly at: number
  readonly message: string
  readonly help: string
  /** A rewrite that means what the statement was meant to mean. */
  readonly fix?: readonly Edit[] | undefined
}

/** One rule. Its name is that of its file and of its page in docs/lint/ (a test checks). */
export interface Rule {
  readonly name: string
  readonly level: Finding['level']
  /** Rules of Squawk that say less of the same statement: theirs are left out where this one finds something. */
  readonly insteadOf?: readonly string[]
  readonly check: (statement: Statement, scene: Scene) => readonly Found[]
}
