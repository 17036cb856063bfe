import type { Isolation } from '../../../src/pg/client.ts'
import { ISOLATIONS } from '../coverage.ts'
import type { Random } from '../random.ts'
import { TABLES } from '../tables.ts'
import { randomWork, type Work } from './operations.ts'

/**
 * What a transaction is made of, and so what it can meet. Single statements meet no deadlock among themselves; those that
 * cascade, or that lock rows in no certain order, may do so in any database. A compound one writes to several tables, which is
 * much like several statements.
 */
export type Shape = 'single' | 'compound' | 'cascading' | 'several'

export interface Transaction {
  readonly isolation: Isolation
  readonly shape: Shape
  readonly statements: readonly string[]
  /** Some of it sets off further statements. */
  readonly cascades: boolean
  readonly truncates: boolean
  readonly end: 'commit' | 'rollback' | 'commit prepared' | 'rollback prepared'
  /** Looks at its own writes before it ends. */
  readonly looks: boolean
  /** Its statements are sent one by one, so that others come in between. */
  readonly isSlow: boolean
}

/** What the writers of one stretch of the world do. */
export interface Habits {
  readonly isolations: readonly Isolation[]
  readonly shapes: readonly Shape[]
  readonly truncates: boolean
}

export const READ_COMMITTED: Habits = {
  isolations: ['read committed'],
  shapes: ['single', 'compound', 'cascading', 'several'],
  truncates: false,
}
export const SINGLE_STATEMENTS: Habits = { ...READ_COMMITTED, shapes: ['single'] }
/** Each of them may wait for rows of the application that the other has; over rows of ours there must be no deadlock. */
export const WITH_CASCADES: Habits = { ...READ_COMMITTED, shapes: ['single', 'cascading'] }
export const ALL_ISOLATIONS: Habits = { ...READ_COMMITTED, isolations: ISOLATIONS, truncates: true }

export function randomTransaction(
  random: Random,
  habits: Habits,
  tables: readonly string[] = TABLES.map(({ name }) => name),
): Transaction {
  const isolation = random.pick(habits.isolations)
  const shape = random.pick(habits.shapes)
  const draw = () => workOn(tables, random, habits)
  const work =
    shape === 'several' ? Array.from({ length: 2 + random.below(5) }, draw) : [oneWork(draw, shape)]
  const truncates = work.some((it) => it.truncates)
  const isMany = shape === 'several'
  return {
    isolation,
    shape,
    statements: work.flatMap(({ statements }) => statements),
    cascades: work.some((it) => it.cascades),
    truncates,
    end: endOf(random, isMany, truncates),
    looks: isMany && !truncates && random.oneIn(8),
    isSlow: random.oneIn(2),
  }
}

function endOf(random: Random, isMany: boolean, truncates: boolean): Transaction['end'] {
  if (isMany && random.oneIn(10)) return 'rollback'
  if (truncates || !random.oneIn(10)) return 'commit'
  return random.oneIn(4) ? 'rollback prepared' : 'commit prepared'
}

function workOn(tables: readonly string[], random: Random, habits: Habits): Work {
  const writes = new RegExp(
    `\\b(insert into|update|delete from|merge into|truncate) (${tables.join('|')})\\b`,
  )
  for (;;) {
    const work = randomWork(random, habits)
    if (work.statements.some((it) => writes.test(it))) return work
  }
}

/** Draws until it has what is wanted. */
function oneWork(draw: () => Work, shape: Shape): Work {
  for (;;) {
    const work = draw()
    if (work.statements.length === 1 && shapeOf(work) === shape) return work
  }
}

function shapeOf({ cascades, isUnordered, isCompound }: Work): Shape {
  // A trigger of the application that writes at the commit would do so while the other table's rows are added already.
  if (cascades && isCompound) return 'several'
  if (cascades || isUnordered) return 'cascading'
  return isCompound ? 'compound' : 'single'
}
