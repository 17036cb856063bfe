import { literal, sql } from '../../sql/sql.ts'
import type { Migration, MigrationPart } from './migration.ts'
import { guarded, sqlText } from './sql-text.ts'

/** Drizzle sends what stands between two of these as one statement. */
export function drizzleUp({ header, up }: Migration): string {
  return sqlText(header, guarded(up), '\n--> statement-breakpoint\n')
}

/** Drizzle undoes nothing: for psql. */
export function drizzleDown(
  { header, down }: Migration,
  upText: string,
  hash: (text: string) => string,
): string {
  const forget: MigrationPart = {
    comment: ['Drizzle takes it for applied until it is not in this table any more.'],
    statements: [sql`delete from drizzle.__drizzle_migrations where hash = ${literal(hash(upText))}`.text],
  }
  return sqlText([...header, '', 'Undoes it.'], guarded([...down, forget]))
}
