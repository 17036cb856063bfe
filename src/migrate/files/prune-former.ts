import { createHash } from 'node:crypto'
import { isRefreshed, type RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import type { Plan } from '../../compile/plan.ts'
import { displayName } from '../../sql/names.ts'
import { join, literal, sql } from '../../sql/sql.ts'
import type { AllChanges } from '../all-changes.ts'
import { isMaking } from '../changes.ts'
import type { MigrationPart } from '../formats/migration.ts'

/**
 * Takes away the versions that a database has besides: those that were in use before, of which the state between two migrations
 * says nothing. What follows captures for the versions that it knows of, so they would not be kept fresh any more. One of
 * them that is made now is kept as it is, since it must only catch up.
 */
export function pruneFormer({ changes, onSchedule }: AllChanges): MigrationPart {
  const plans = [
    ...changes.filter(isMaking).map(({ model }) => model.plan),
    ...onSchedule.flatMap((it) => (it.what === 'model' ? [it.model.plan] : [])),
  ]
  const kept = Object.fromEntries(plans.map((plan) => [plan.storage.name, rowsOf(plan)]))
  return {
    comment: [
      'millrace: remove versions that are not in use, unless one of them is used again',
      'locks tables that only those read ACCESS EXCLUSIVE, milliseconds',
    ],
    statements: [sql`select millrace.prune_former(${literal(JSON.stringify(kept))})`.text],
  }
}

/** As `millrace.rows_of` has it. */
function rowsOf(plan: Plan | RefreshPlan): string {
  const immediate = isRefreshed(plan) ? null : plan.immediate
  const paths = isRefreshed(plan) ? [] : plan.paths
  const texts = [
    plan.query,
    ...(immediate === null ? [] : [immediate.kind]),
    ...(plan.install.up.length === 0 ? [] : [plan.install.up.join('\n')]),
    ...(paths.length === 0 ? [] : [paths.map((it) => it.sql).join('\n')]),
  ]
  return createHash('md5').update(texts.join('\n')).digest('hex')
}

/**
 * Of models that are removed, the versions that the files do not know to be there: where a migration was undone and nobody has given
 * its version of before the names again, the one of after it has them still. To be run when the names are gone.
 */
export function pruneRemoved({ changes, onSchedule }: AllChanges): readonly MigrationPart[] {
  const kept = changes.flatMap((it) => (it.kind === 'remove' ? [it.installed] : []))
  const refreshed = onSchedule.flatMap((it) =>
    it.kind === 'remove' && it.installed.kind === 'refresh' ? [it.installed.model] : [],
  )
  const names = [...kept, ...refreshed].map((it) => literal(displayName(it)))
  if (names.length === 0) return []
  return [
    {
      comment: ['millrace: remove all versions of what is removed'],
      statements: [sql`select millrace.prune_former('{}', array[${join(names)}])`.text],
    },
  ]
}
