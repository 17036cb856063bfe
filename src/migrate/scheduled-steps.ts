import { HOME } from '../sql/names.ts'
import { qualified, sql } from '../sql/sql.ts'
import { changedName, type ScheduledChange } from './scheduled-changes.ts'
import { describeExpose, locksOfConceal, locksOfExpose } from './replaced-steps.ts'
import { swapStep } from './model-steps.ts'
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
  if (change.kind !== 'remove' && change.kind !== 'renew') return []
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
      return modelSteps(about, change)
  }
}

function modelSteps(
  about: string,
  change: Extract<ScheduledChange, { readonly what: 'model' }>,
): readonly Step[] {
  const { plan, definition } = change.model
  const { model, install, statements, storage, version, replaces } = plan
  const { every, timeZone } = definition.schedule
  const isBeside = change.kind === 'replace' || change.kind === 'restore'
  const table = version === 1 ? 'its table' : `the table of version ${String(version)}`
  const make = step({
    about,
    describe: isBeside
      ? `make ${table}`
      : `make ${table}, and put it on the schedule: every ${every} (${timeZone})`,
    statements: [...install.up, ...(isBeside ? [] : [UPSERT_JOB])],
    by: 'runner',
    inverse: [...(isBeside ? [] : ['delete from millrace.job where name = $1']), ...install.down],
  })
  const refresh = step({
    about,
    describe: 'refresh it: evaluate its query once, and write what differs',
    statements: [statements.refresh],
    by: 'runner',
    inverse: [sql`truncate table ${qualified(storage)}`.text],
  })
  if (isBeside) {
    const swap = swapStep([plan], [change.installed.plan], {})
    return change.kind === 'restore' ? [swap] : [make, refresh, swap]
  }
  const expose = step({
    about,
    describe: describeExpose(replaces),
    statements: install.expose,
    locks: locksOfExpose(model, replaces),
    by: 'runner',
    inverse: install.conceal,
  })
  return [make, refresh, expose]
}
