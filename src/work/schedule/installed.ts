import { lowerFirst } from '../../compile/order.ts'
import type { RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import type { Client } from '../../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../../pg/errors.ts'
import { INSTALLED_JOBS } from './job.sql.ts'

/** Everything that is installed to be done on a schedule. */
export type Scheduled = RefreshedModel | ScheduledStatement

interface Installed {
  /** The job's. */
  readonly name: string
  readonly every: string
  readonly timeZone: string
  readonly timeoutMs: number
}

/** A read model that is refreshed on a schedule, with the job that does it. */
export interface RefreshedModel extends Installed {
  readonly kind: 'refresh'
  readonly model: {
    readonly schema: string
    readonly name: string
    readonly state: 'building' | 'ready'
    /** The user's own text of the query. */
    readonly definition: string
    readonly plan: RefreshPlan
  }
}

export interface ScheduledStatement extends Installed {
  readonly kind: 'statement'
  readonly statement: string
  readonly searchPath: readonly string[] | null
}

type Row = Installed & {
  readonly statement: string | null
  readonly searchPath: readonly string[] | null
  readonly model: RefreshedModel['model'] | null
}

/** Reads all that is installed, in the order of the jobs' names, models after those that they read; nothing where Millrace's schema is older than this program. */
export async function readScheduled(client: Client): Promise<readonly Scheduled[]> {
  const rows = await client.query<Row>(INSTALLED_JOBS).catch((error: unknown) => {
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) return []
    throw error
  })
  const all = rows.map(({ model, statement, searchPath, ...job }): Scheduled =>
    model === null
      ? { ...job, kind: 'statement', statement: statement ?? '', searchPath }
      : { ...job, kind: 'refresh', model },
  )
  return lowerFirst(all, (it) =>
    it.kind === 'refresh' ? it.model.plan : { storage: { name: `job ${it.name}` } },
  )
}

export async function readRefreshed(client: Client): Promise<readonly RefreshedModel[]> {
  return (await readScheduled(client)).filter((it) => it.kind === 'refresh')
}
