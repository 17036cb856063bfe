import type { JobDefinition } from '../../define/resolve-job.ts'
import type { Schedule } from '../../define/schedule.ts'
import { refreshJobName } from '../../sql/names.ts'
import { join, literal, sql, trusted, type Sql } from '../../sql/sql.ts'
import { isRefreshed } from '../../compile/refresh/refresh-plan.ts'
import type { MigrationPart } from '../formats/migration.ts'
import { changedName, type ScheduledChange } from '../scheduled-changes.ts'
import { upsertJob } from '../scheduled.sql.ts'
import { forgetModel, recordModel } from './records.ts'

export interface ScheduledParts {
  readonly removed: readonly MigrationPart[]
  readonly made: readonly MigrationPart[]
  readonly left: readonly string[]
}

/** What is done on a schedule: its tables and its times. The first refresh, and the first time of a job, are left to `migrate up`. */
export function scheduledParts(
  changes: readonly ScheduledChange[],
  searchPath: readonly string[] | null,
): ScheduledParts {
  return {
    removed: changes.flatMap(removal).toReversed(),
    made: changes.flatMap((it) => addition(it, searchPath)),
    left: changes.flatMap((change) =>
      change.what === 'model' ? [`${changedName(change)}: ${leftOf(change)}`] : [],
    ),
  }
}

function leftOf({ kind }: ModelChange): string {
  return kind === 'replace' || kind === 'restore'
    ? 'refresh the new version, and give it to readers under the same name'
    : 'refresh it, and give readers its name'
}

function removal(change: ScheduledChange): readonly MigrationPart[] {
  if (change.kind !== 'remove' && change.kind !== 'renew') return []
  const { installed } = change
  const name = literal(installed.name)
  const plan = installed.kind === 'refresh' ? installed.model.plan : undefined
  return [
    {
      comment: [`${changedName(change)}: take it from the schedule`],
      statements: [
        sql`delete from millrace.job where name = ${name}`.text,
        sql`delete from millrace.job_run where job = ${name}`.text,
        ...(plan === undefined ? [] : [...plan.install.conceal, ...plan.install.down, ...forgetModel(plan)]),
      ],
    },
  ]
}

function addition(change: ScheduledChange, searchPath: readonly string[] | null): readonly MigrationPart[] {
  switch (change.what) {
    case 'installed':
      return []
    case 'job': {
      const { name, schedule, statement } = change.job
      return [part(change, schedule, [waitingJob({ name, statement, searchPath }, schedule)])]
    }
    case 'model': {
      const { definition, plan } = change.model
      return [
        part(change, definition.schedule, [
          ...plan.install.up,
          recordModel(change.model),
          jobOf(change, definition.schedule),
        ]),
      ]
    }
  }
}

/** The job of the version in use is its until the swap, at other times if these are declared otherwise. */
function jobOf(change: ModelChange, schedule: Schedule): string {
  const { plan } = change.model
  const name = refreshJobName(plan.model)
  const isBeside = change.kind === 'replace' || change.kind === 'restore'
  if (!isBeside || !isRefreshed(change.installed.plan))
    return waitingJob({ name, storage: plan.storage.name }, schedule)
  const { every, timeZone, timeoutMs } = schedule
  const times = sql`${literal(every)}, ${literal(timeZone)}`
  return sql`update millrace.job
set next_at = case when (every, time_zone) = (${times}) then next_at else 'infinity' end,
    (every, time_zone, timeout_ms) = (${times}, ${trusted(String(timeoutMs))})
where name = ${literal(name)}`.text
}

type ModelChange = Extract<ScheduledChange, { readonly what: 'model' }>

function part(
  change: ScheduledChange,
  { every, timeZone }: Schedule,
  statements: readonly string[],
): MigrationPart {
  return { comment: [`${changedName(change)}: every ${every} (${timeZone})`], statements }
}

interface Job extends Pick<JobDefinition, 'name'> {
  readonly storage?: string
  readonly statement?: string
  readonly searchPath?: readonly string[] | null
}

/** Never, until `migrate up` computes when: nobody knows when the migration will be run. */
function waitingJob(
  { name, storage, statement, searchPath = null }: Job,
  { every, timeZone, timeoutMs }: Schedule,
): string {
  const path = searchPath === null ? NULL : sql`array[${join(searchPath.map((it) => literal(it)))}]::text[]`
  const values = [
    literal(name),
    orNull(storage),
    orNull(statement),
    path,
    literal(every),
    literal(timeZone),
    trusted(String(timeoutMs)),
    trusted(`'infinity'`),
  ]
  return upsertJob(join(values), sql`excluded.next_at`)
}

const NULL = trusted('null')

function orNull(value: string | undefined): Sql {
  return value === undefined ? NULL : literal(value)
}
