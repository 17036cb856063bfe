import type { MigrationPart } from '../formats/migration.ts'
import type { Step } from '../step.ts'

/** A step as a part of a file, with what it locks in its comment. */
export function partOf({ about, describe, statements, locks }: Step): MigrationPart {
  const held = locks.map(({ mode, relation, duration }) => `locks ${relation} ${mode}, ${duration}`)
  return { comment: [`${about}: ${describe}`, ...held], statements }
}
