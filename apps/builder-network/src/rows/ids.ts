import type { Random } from '../random.ts'
import type { Sizes } from '../sizes.ts'

/** Ids that look random and are not: the table's letter and the row's number. */
export function idOf(letter: string, index: number): string {
  const tail = index.toString(16).padStart(12, '0')
  const head = Math.imul(index + 1, 0x9e3779b1) >>> 0
  return `${head.toString(16).padStart(8, '0')}-0000-4000-8000-${letter}${tail.slice(1)}`
}

export const user = (index: number) => idOf('a', index)
export const project = (index: number) => idOf('b', index)
export const chain = (index: number) => idOf('f', index)

/** Somebody who is likely to be one of the active few. */
export const someone = (random: Random, { users }: Pick<Sizes, 'users'>) => user(random.skewed(users))
/** A project that is likely to be one of the popular few. */
export const something = (random: Random, { projects }: Pick<Sizes, 'projects'>) =>
  project(random.skewed(projects))
