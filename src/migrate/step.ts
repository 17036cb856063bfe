/** A strong lock on a table or view that others use, as PostgreSQL calls it. */
export interface StepLock {
  readonly mode: 'SHARE UPDATE EXCLUSIVE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE'
  /** `public.projects` */
  readonly relation: string
  /** Whom it keeps waiting. */
  readonly blocks: 'nobody' | 'writes' | 'reads and writes'
  /** How long it is held once it is had: a few statements that touch no rows, or all of the step. */
  readonly duration: 'milliseconds' | 'the whole step'
}

export interface Estimate {
  /** Rows that are read or written, as the planner expects. */
  readonly rows: number
  /** By what such work took in this database; null where it was never measured. */
  readonly seconds: number | null
}

/** One step of a migration: the statements that are run, what they lock, and what undoes them. */
export interface Step {
  /** The read model or source that it is about: `public.feed`. */
  readonly about: string
  readonly describe: string
  /** In order; without parameters, but for jobs on a schedule, whose next time the runner computes. */
  readonly statements: readonly string[]
  readonly inverse: readonly string[]
  /** Empty where nobody could feel any. */
  readonly locks: readonly StepLock[]
  /**
   * `migration`: may be one of the statements of anybody's transaction, so a tool of the team's may run it. `runner`: needs
   * transactions of its own, and is done by `millrace migrate up`, which finds out by itself that it is to be done.
   */
  readonly by: 'migration' | 'runner'
  /** False: PostgreSQL runs it outside of a transaction only. */
  readonly inTransaction: boolean
  /** Null where no rows are read or written. */
  readonly estimate: Estimate | null
}

type Told = 'locks' | 'by' | 'inTransaction' | 'estimate'

/** A step of which nothing else is to be said than what is given: no locks, no rows, part of any transaction. */
export function step(given: Omit<Step, Told> & Partial<Pick<Step, Told>>): Step {
  return { locks: [], by: 'migration', inTransaction: true, estimate: null, ...given }
}

/** Keeps others from a relation while a few statements run that touch no rows. */
export function briefly(mode: StepLock['mode'], relation: string): StepLock {
  return { mode, relation, blocks: BLOCKS[mode], duration: 'milliseconds' }
}

const BLOCKS: Readonly<Record<StepLock['mode'], StepLock['blocks']>> = {
  'SHARE UPDATE EXCLUSIVE': 'nobody',
  'SHARE ROW EXCLUSIVE': 'writes',
  'ACCESS EXCLUSIVE': 'reads and writes',
}
