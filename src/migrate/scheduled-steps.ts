import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import { HOME } from '../sql/names.ts'
import { qualified, sql } from '../sql/sql.ts'
import { changedName, type ScheduledChange } from './scheduled-changes.ts'
import { describeExpose, locksOfConceal, locksOfExpose } from './replaced-steps.ts'
import { DROP_SCHEMA } from './schema.ts'
import { UPSERT_JOB } from './scheduled.sql.ts'
import { step, type Step } from './step.ts'

export interface ScheduledStepInput {
  readonly changes: readonly ScheduledChange[]
  /** Millrace's own schema, where it is not installed and nothing else brings it. */
  readonly schema: readonly string[]
  /** Nothing is left when these changes are made. */
  readonly isLast: boolean
}

/** The steps by which `installScheduled` and `removeScheduled` make changes, in order. */
export function scheduledSteps({ changes, schema, isLast }: ScheduledStepInput): readonly Step[] {
  const [make, drop] = [
    { about: HOME, describe: 'make the schema in which Millrace keeps its own tables' },
    { about: HOME, describe: 'remove the schema, now that nothing is left in it' },
  ]
  const isMade = changes.some(({ kind }) => kind !== 'remove')
  return [
    ...(schema.length > 0 && isMade ? [step({ ...make, statements: schema, inverse: DROP_SCHEMA })] : []),
    ...changes.flatMap(removals),
    ...changes.flatMap(additions),
    ...(isLast ? [step({ ...drop, statements: DROP_SCHEMA, inverse: [] })] : []),
  ]
}

function removals(change: ScheduledChange): readonly Step[] {
  if (change.kind !== 'remove' && change.kind !== 'replace') return []
  const { installed } = change
  const about = changedName(change)
  const job = 'delete from millrace.job where name = $1'
  if (installed.kind === 'statement') {
    return [
      step({
        about,
        describe: 'take it from the schedule',
        statements: [job],
        by: 'runner',
        inverse: [UPSERT_JOB],
      }),
    ]
  }
  const { plan } = installed.model
  return [
    step({
      about,
      describe: 'take it from the schedule, and remove its name and its table',
      statements: [job, ...plan.install.conceal, ...plan.install.down],
      locks: locksOfConceal(plan.model, plan.replaces),
      by: 'runner',
      inverse: [...plan.install.up, ...plan.install.expose],
    }),
  ]
}

function additions(change: ScheduledChange): readonly Step[] {
  const about = changedName(change)
  switch (change.what) {
    case 'installed':
      return []
    case 'job': {
      const { every, timeZone } = change.job.schedule
      return [
        step({
          about,
          describe: `put it on the schedule: every ${every} (${timeZone})`,
          statements: [UPSERT_JOB, change.job.statement],
          by: 'runner',
          inverse: ['delete from millrace.job where name = $1'],
        }),
      ]
    }
    case 'model':
      return modelSteps(about, change.model.plan, change.model.definition.schedule)
  }
}

function modelSteps(
  about: string,
  { model, install, statements, storage, replaces }: RefreshPlan,
  { every, timeZone }: { readonly every: string; readonly timeZone: string },
): readonly Step[] {
  return [
    step({
      about,
      describe: `make its table, and put it on the schedule: every ${every} (${timeZone})`,
      statements: [...install.up, UPSERT_JOB],
      by: 'runner',
      inverse: ['delete from millrace.job where name = $1', ...install.down],
    }),
    step({
      about,
      describe: 'refresh it: evaluate its query once, and write what differs',
      statements: [statements.refresh],
      by: 'runner',
      inverse: [sql`truncate table ${qualified(storage)}`.text],
    }),
    step({
      about,
      describe: describeExpose(replaces),
      statements: install.expose,
      locks: locksOfExpose(model, replaces),
      by: 'runner',
      inverse: install.conceal,
    }),
  ]
}
