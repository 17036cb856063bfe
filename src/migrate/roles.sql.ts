import type { Plan } from '../compile/plan.ts'
import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import { HOME, QUEUE_SLOTS, queueSlotName } from '../sql/names.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'

/** Roles other than the owner, who installs. Absent: that part is done by the owner. */
export interface Roles {
  readonly worker?: string | undefined
  readonly reader?: string | undefined
}

/** What the other roles need of Millrace's own tables. */
function homeGrants({ worker, reader }: Roles): readonly string[] {
  const home = ident(HOME)
  const grants: Sql[] = []
  if (worker !== undefined) {
    const tables = join(['model', 'schema_version', 'job', 'job_run'].map((name) => ident(HOME, name)))
    const state = join(['next_at', 'retry_at', 'failures', 'digest'].map((name) => ident(name)))
    const written = join(['watermark', 'refresh_log', 'verification'].map((name) => ident(HOME, name)))
    grants.push(
      sql`grant usage on schema ${home} to ${ident(worker)}`,
      sql`grant select on ${tables} to ${ident(worker)}`,
      sql`grant select, insert, delete on ${written} to ${ident(worker)}`,
      sql`grant insert, update, delete on ${ident(HOME, 'job_run')} to ${ident(worker)}`,
      sql`grant update (${state}) on ${ident(HOME, 'job')} to ${ident(worker)}`,
      sql`grant execute on function ${ident(HOME, 'cluster')}(), ${ident(HOME, 'adopt_partitions')}(), ${ident(HOME, 'column_type')}(oid, int), ${ident(HOME, 'column_collation')}(oid, oid), ${ident(HOME, 'verify')}(bigint), ${ident(HOME, 'compare_model')}(${ident(HOME, 'model')}, bigint) to ${ident(worker)}`,
    )
  }
  if (reader !== undefined) {
    const waiting = [
      'has_passed(text, text)',
      'waiting_models(text[], text[])',
      'newest_marks(text[])',
      'wait_for(text, interval, text[])',
      'freshness(text)',
      'is_released(text)',
    ]
    const functions = ['cluster()', ...waiting].map((it) => sql`${home}.${trusted(it)}`)
    grants.push(
      sql`grant usage on schema ${home} to ${ident(reader)}`,
      sql`grant execute on function ${join(functions)} to ${ident(reader)}`,
    )
  }
  return grants.map(({ text }) => text)
}

/** The same where read models name readers of their own. */
export function homeGrantsOf(roles: Roles, readers: readonly string[]): readonly string[] {
  const others = [...new Set(readers)].filter((it) => it !== roles.reader)
  return [...homeGrants(roles), ...others.flatMap((reader) => homeGrants({ reader }))]
}

/** What the worker needs of one model. Only truncating a slot takes more than reading and writing rows. */
export function workerGrants(plan: Plan, worker: string): readonly string[] {
  const own = join([plan.storage, plan.pending].map(qualified))
  const queues = plan.sources.flatMap(({ relation, queue }) => [
    sql`grant select, insert on ${qualified(queue)} to ${ident(worker)}`,
    ...[...Array(QUEUE_SLOTS).keys()].map((slot) => {
      return sql`grant select, truncate on ${qualified(queueSlotName(relation, slot))} to ${ident(worker)}`
    }),
  ])
  const checks = (plan.leaderboard?.trees ?? []).flatMap(({ fill, check }) => [fill, check])
  const functions = checks.map(
    ({ schema, name }) => sql`grant execute on function ${ident(schema, name)} to ${ident(worker)}`,
  )
  return [
    sql`grant select, insert, update, delete on ${own} to ${ident(worker)}`,
    ...queues,
    ...functions,
    ...callGrants(plan, worker),
  ].map(({ text }) => text)
}

/** Whoever computes the query, or reads strictly, calls them with rights of his own. */
function callGrants({ chain }: Pick<Plan | RefreshPlan, 'chain'>, role: string): readonly Sql[] {
  return (chain?.functions ?? []).map(
    (signature) => sql`grant execute on function ${trusted(signature)} to ${ident(role)}`,
  )
}

/** The roles that may read a model. */
export function readersOf(
  { readableBy }: Pick<Plan | RefreshPlan, 'readableBy'>,
  { reader }: Roles,
): readonly string[] {
  return readableBy ?? (reader === undefined ? [] : [reader])
}

export function readerGrants(plan: Plan, reader: string): readonly string[] {
  const { model, strictView, strictPage, leaderboard } = plan
  const views = join([model, strictView].map(qualified))
  const functions = [strictPage, ...(leaderboard?.readers ?? [])].map(({ schema, name }) =>
    ident(schema, name),
  )
  return [
    sql`grant select on ${views} to ${ident(reader)}`,
    sql`grant execute on function ${join(functions)} to ${ident(reader)}`,
    ...callGrants(plan, reader),
  ].map(({ text }) => text)
}

/** What the worker needs of a model that it refreshes. The query it must be able to evaluate by rights of its own. */
export function refreshedWorkerGrants(
  { storage, models = [] }: RefreshPlan,
  worker: string,
): readonly string[] {
  const table = qualified(storage)
  // The names of read models are views of ours, so nobody else could grant it.
  const names = models.map(({ model }) => qualified(model))
  return [
    sql`grant select, insert, delete on ${table} to ${ident(worker)}`.text,
    ...(names.length === 0 ? [] : [sql`grant select on ${join(names)} to ${ident(worker)}`.text]),
  ]
}

export function refreshedReaderGrants(plan: RefreshPlan, reader: string): readonly string[] {
  const views = join([plan.model, plan.strictView].map(qualified))
  return [sql`grant select on ${views} to ${ident(reader)}`, ...callGrants(plan, reader)].map(
    ({ text }) => text,
  )
}
