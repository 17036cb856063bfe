/** A migration that is to be written, whatever the tool that will run it. */
export interface Migration {
  /** When it was generated: every tool orders its migrations by a time or a number in their names. */
  readonly at: Date
  /** Lower case letters, digits and underscores. */
  readonly title: string
  /** What a reader of the file should know first, line by line, without the comment marks of any language. */
  readonly header: readonly string[]
  readonly up: readonly MigrationPart[]
  /** In the order in which they are to be run. */
  readonly down: readonly MigrationPart[]
}

/** Statements that belong together, with a comment over them. */
export interface MigrationPart {
  readonly comment: readonly string[]
  /** One SQL statement each, without a semicolon at the end. */
  readonly statements: readonly string[]
}

export interface GeneratedFile {
  /** Relative to the directory of the migrations, with `/` between its parts. */
  readonly path: string
  readonly text: string
  /** Belongs to the tool, which goes on writing to it. */
  readonly isShared?: boolean
}

/** Files in the order in which they must be written: each is complete, and whole, before the next. */
export interface WrittenMigration {
  /** What its tool calls it. */
  readonly name: string
  readonly files: readonly GeneratedFile[]
}

/** Writes a migration as one tool reads it. `directory`: what its tool has there already is read, and nothing changed. */
export type Format = (migration: Migration, directory: string) => Promise<WrittenMigration>

/** `20261121201254` in UTC. */
export function stampOf(at: Date): string {
  return at.toISOString().replaceAll(/\D/g, '').slice(0, 14)
}
