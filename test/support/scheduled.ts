import type { Client, Connection } from '../../src/pg/client.ts'
import { compileRefreshed, type RefreshedDefinition } from '../../src/migrate/compile-refreshed.ts'
import { installScheduled } from '../../src/migrate/install-scheduled.ts'
import type { JobDefinition } from '../../src/define/resolve-job.ts'
import { scheduleOf } from '../../src/define/schedule.ts'
import { ROLES } from './roles.ts'

export interface TestRefreshed {
  readonly name: string
  readonly key: string | readonly string[]
  readonly query: string
  readonly every?: string
  readonly timeout?: string
  readonly indexes?: RefreshedDefinition['indexes']
  readonly readableBy?: RefreshedDefinition['readableBy']
}

export function refreshedOf({
  name,
  key,
  query,
  every,
  timeout,
  indexes = [],
  readableBy,
}: TestRefreshed): RefreshedDefinition {
  return {
    schema: 'public',
    name,
    key: typeof key === 'string' ? [key] : key,
    schedule: scheduleOf({ every: every ?? NEVER, timeout }),
    query,
    indexes,
    readableBy,
  }
}

/** A schedule whose time does not come while a test runs. */
export const NEVER = '0 0 29 2 *'

export interface TestJob {
  readonly name: string
  readonly statement: string
  readonly every?: string
  readonly timeout?: string
}

export function jobOf({ name, statement, every, timeout }: TestJob): JobDefinition {
  return { name, statement, schedule: scheduleOf({ every: every ?? NEVER, timeout }), file: undefined }
}

/** Compiles and installs what is done on a schedule, under the test roles. */
export async function installTestSchedule(
  owner: Connection,
  {
    refreshed = [],
    jobs = [],
  }: { readonly refreshed?: readonly TestRefreshed[]; readonly jobs?: readonly TestJob[] },
): Promise<void> {
  const compiled = []
  for (const it of refreshed) compiled.push(await compileRefreshed(owner, refreshedOf(it)))
  const roles = { worker: ROLES.worker, reader: ROLES.reader }
  await installScheduled(owner, { refreshed: compiled, jobs: jobs.map(jobOf) }, { roles })
}

/** As if the time of a job had come, so long ago. */
export async function makeDue(owner: Client, job: string, ago = '1 minute'): Promise<void> {
  await owner.query(
    `update millrace.job set next_at = date_trunc('milliseconds', clock_timestamp()) - $2::interval, retry_at = null where name = $1`,
    [job, ago],
  )
}
