import type { Random } from '../random.ts'
import type { Sizes } from '../sizes.ts'

/** Something that a simulated user does: one statement. */
export interface Action {
  readonly name: string
  /** How often, compared with the others. */
  readonly weight: number
  readonly statement: (random: Random, sizes: Sizes) => Statement
}

interface Statement {
  readonly text: string
  readonly values: unknown[]
}
