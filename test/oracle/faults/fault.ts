import type { Analysis } from '../../../src/analyze/analysis.ts'
import type { Plan } from '../../../src/compile/plan.ts'
import type { InstalledModel } from '../../../src/work/model.ts'

/** Something that Millrace would do wrong, and the smallest world in which that must show. */
export interface Fault {
  /** What is wrong, as a sentence. */
  readonly name: string
  /** The read models that are installed: few, for every operation is then likelier to matter to them. */
  readonly models: readonly string[]
  /** Why it can show in these. */
  readonly because: string
  /** It shows only around a TRUNCATE, so the world has more of them. */
  readonly needsTruncate?: boolean
  readonly place: Place
}

/** Where the fault is made. Nothing in `src/` knows of it. */
export type Place =
  | { readonly kind: 'analysis'; readonly change: (analysis: Analysis) => Analysis }
  | { readonly kind: 'plan'; readonly change: (plan: Plan) => Plan }
  | { readonly kind: 'capture'; readonly source: string; readonly event: Event; readonly change: Edit }
  | { readonly kind: 'no trigger'; readonly source: string; readonly event: Event }
  /** One for each of the worker's connections: it may remember what it has seen. */
  | { readonly kind: 'worker'; readonly start: (models: readonly InstalledModel[]) => Rewrite }

export type Event = 'insert' | 'update' | 'delete' | 'truncate'

export type Edit = (text: string) => string

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** What the worker sends instead, and gets the last one's rows; or nothing, and gets no rows. */
export type Rewrite = (statement: Statement) => readonly Statement[]

/** Replaces every occurrence. */
export function replace(from: string | RegExp, to: string): Edit {
  return (text) => text.replaceAll(from, to)
}

export function inCapture(source: string, event: Event, change: Edit): Place {
  return { kind: 'capture', source, event, change }
}

export function inWorker(rewrite: Rewrite): Place {
  return { kind: 'worker', start: () => rewrite }
}

/** Rewrites those statements of the worker that begin so. */
export function inStatements(begin: string, edit: Edit): Place {
  return inWorker((statement) => [
    statement.text.startsWith(begin) ? { ...statement, text: edited(statement.text, edit) } : statement,
  ])
}

/** The worker does not send statements that begin so. */
export function notSent(begin: string): Place {
  return inWorker((statement) => (statement.text.startsWith(begin) ? [] : [statement]))
}

/** The same, but each second one is. */
export function notSentEachSecond(begin: string): Place {
  return {
    kind: 'worker',
    start: () => {
      let met = 0
      return (statement) => {
        if (!statement.text.startsWith(begin)) return [statement]
        met += 1
        return met % 2 === 1 ? [] : [statement]
      }
    },
  }
}

/** A fault that changes nothing would prove nothing. */
export function edited(text: string, edit: Edit): string {
  const changed = edit(text)
  if (changed === text) throw new Error(`the fault changes nothing in:\n${text}`)
  return changed
}
