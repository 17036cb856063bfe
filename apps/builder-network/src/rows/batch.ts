import type { Random } from '../random.ts'
import type { Sizes } from '../sizes.ts'

/** Rows of one table, by their numbers: the same number gives the same row, if rows are asked for in order. */
export interface Batch {
  readonly table: string
  /** Names of the columns, with their types. */
  readonly columns: Readonly<Record<string, string>>
  readonly rows: number
  readonly row: (index: number) => readonly unknown[]
}

/** Makes the batch of one table from random numbers that are the table's own. */
export type BatchMaker = (random: Random, sizes: Sizes) => Batch

const DAY_ZERO = Date.UTC(2026, 0, 1)
const DAYS = 300

/** A moment of the community's first 300 days, as text without a zone. */
export function someTime(random: Random): string {
  return new Date(DAY_ZERO + Math.floor(random.next() * DAYS * 86_400_000)).toISOString().slice(0, 23)
}
