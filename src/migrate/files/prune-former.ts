import { createHash } from 'node:crypto'
import type { Plan } from '../../compile/plan.ts'
import { literal, sql } from '../../sql/sql.ts'
import { isMaking, type Change } from '../changes.ts'
import type { MigrationPart } from '../formats/migration.ts'

/**
 * Takes away the versions that a database has besides: those that were in use before, of which the state between two migrations
 * says nothing. What follows captures for the versions that it knows of, so they would not be kept fresh any more. One of
 * them that is made now is kept as it is, since it must only catch up.
 */
export function pruneFormer(changes: readonly Change[]): MigrationPart {
  const plans = changes.filter(isMaking).map(({ model }) => model.plan)
  const kept = Object.fromEntries(plans.map((plan) => [plan.storage.name, rowsOf(plan)]))
  return {
    comment: ['millrace: remove versions that are not in use, unless one of them is used again'],
    statements: [sql`select millrace.prune_former(${literal(JSON.stringify(kept))})`.text],
  }
}

/** As `millrace.rows_of` has it. */
function rowsOf({ query, immediate, install, paths }: Plan): string {
  const texts = [
    query,
    ...(immediate === null ? [] : [immediate.kind]),
    ...(install.up.length === 0 ? [] : [install.up.join('\n')]),
    ...(paths.length === 0 ? [] : [paths.map((it) => it.sql).join('\n')]),
  ]
  return createHash('md5').update(texts.join('\n')).digest('hex')
}
