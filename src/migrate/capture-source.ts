import { captureSql, mergeSources } from '../compile/capture/capture.ts'
import { dropQueueColumn } from '../compile/capture/queue.ts'
import type { Plan, RelationName } from '../compile/plan.ts'
import { withTransaction, type Client } from '../pg/client.ts'
import { MillraceError } from '../errors.ts'
import { HOME, newColumn, oldColumn, isSameName, queueName, triggerName } from '../sql/names.ts'
import { join, literal, qualified } from '../sql/sql.ts'
import { ADOPT_PARTITIONS } from '../work/partitions.ts'
import type { InstalledModel } from '../work/model.ts'
import { withLockRetry, type LockRetry } from './lock-retry.ts'

const TRIGGERS = (['insert', 'update', 'delete', 'truncate', 'nested'] as const).map(triggerName)

/** The sources of some models, each once. */
export function sourcesOf(plans: readonly Plan[]): readonly RelationName[] {
  const all = plans.flatMap((plan) => plan.sources.map((it) => it.relation))
  return [...new Map(all.map((it) => [`${it.schema}.${it.name}`, it])).values()]
}

/** The tables that carry capture triggers, whoever reads them. */
export async function capturedSources(client: Client): Promise<readonly RelationName[]> {
  return await client.query<RelationName>(
    `select distinct n.nspname as schema, c.relname as name
     from pg_trigger t
     join pg_proc p on p.oid = t.tgfoid
     join pg_class c on c.oid = t.tgrelid
     join pg_namespace n on n.oid = c.relnamespace
     where p.pronamespace = to_regnamespace('${HOME}') and not t.tgisinternal
       -- stored tables have triggers of another kind, too
       and t.tgname in (${join(TRIGGERS.map((it) => literal(it))).text})
       and not c.relispartition`,
  )
}

export function withoutThese(
  sources: readonly RelationName[],
  others: readonly RelationName[],
): readonly RelationName[] {
  return sources.filter((source) => !others.some((other) => isSameName(source, other)))
}

/** The model as it is captured while it is being made: what its writers change is left to the worker. */
export function leftToWorker(plan: Plan): Plan {
  const sources = plan.sources.map((it) =>
    it.applied === null ? it : { ...it, applied: { ...it.applied, inPlace: null, isLeft: true } },
  )
  return { ...plan, sources }
}

/** Until a model is ready its writers leave what they change to the worker. */
export function asCaptured({ plan, state }: InstalledModel): Plan {
  return state === 'ready' ? plan : leftToWorker(plan)
}

/**
 * Makes capture of one source serve exactly these models; none: removes it. Creating a trigger waits for writers that
 * are under way, so whoever writes with the old capture has ended when the new one stands (LESSONS 21).
 */
export async function captureSource(
  client: Client,
  source: RelationName,
  plans: readonly Plan[],
  retry: LockRetry,
): Promise<void> {
  const parts = plans.flatMap((plan) => plan.sources.filter((it) => isSameName(it.relation, source)))
  // Under another name its writers ask for a rebuild, and touch no read model, until it is captured by that.
  if (parts.length > 0 && !(await isThere(client, source))) return
  const outdated = await outdatedColumns(client, source, parts)
  const existing = (await queueColumns(client, source)).filter((it) => !outdated.includes(it))
  const statements = [
    ...outdated.map((name) => dropQueueColumn(source, name)),
    ...captureStatements(source, parts, existing),
  ]
  await withLockRetry(retry, async () => {
    await withTransaction(client, {}, async () => {
      await client.query(`set local lock_timeout = ${String(retry.timeoutMs)}`)
      for (const statement of statements) await client.query(statement)
      if (parts.length > 0) await requirePartitions(client)
    })
  })
}

async function isThere(client: Client, source: RelationName): Promise<boolean> {
  const [found] = await client.query<{ isThere: boolean }>(
    'select to_regclass($1) is not null as "isThere"',
    [qualified(source).text],
  )
  return found?.isThere === true
}

/** Writes may name a partition, so each has the triggers of its parent. */
async function requirePartitions(client: Client): Promise<void> {
  const adopted = await client.query<{ partition: string; problem: string | null }>(ADOPT_PARTITIONS)
  const left = adopted.find(({ problem }) => problem !== null)
  if (left === undefined) return
  throw new MillraceError('PRIVILEGE_MISSING', {
    detail: `${left.partition}: ${left.problem ?? ''}`,
    hint: `Run as the partition's owner: grant trigger on ${left.partition} to the role in the URL.`,
  })
}

function captureStatements(
  source: RelationName,
  parts: Parameters<typeof mergeSources>[0],
  existing: readonly string[],
): readonly string[] {
  if (parts.length === 0)
    return captureSql({ relation: source, columns: [], interests: [], appliers: [], shape: [] }, existing)
      .down
  const { queue, triggers } = captureSql(mergeSources(parts), existing)
  return [...queue, ...triggers]
}

/**
 * Columns of the queue for which the source's have another type by now. What they hold is of no use: every model that read
 * them is made anew.
 */
async function outdatedColumns(
  client: Client,
  source: RelationName,
  parts: Parameters<typeof mergeSources>[0],
): Promise<readonly string[]> {
  const wanted = parts.flatMap(({ captured }) =>
    captured.flatMap(({ column, type, collation }) =>
      [oldColumn, newColumn].map((nameOf) => ({ name: nameOf(column), type, collation })),
    ),
  )
  const { schema, name } = queueName(source)
  const rows = await client.query<{ name: string }>(
    `select distinct a.attname as name
     from jsonb_to_recordset($3::jsonb) as wanted (name text, type text, "collation" text)
     join pg_attribute a on a.attname = wanted.name and a.attnum > 0 and not a.attisdropped
     join pg_class c on c.oid = a.attrelid
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2
       and (millrace.column_type(a.atttypid, a.atttypmod), millrace.column_collation(a.atttypid, a.attcollation))
           is distinct from (wanted.type, wanted."collation")`,
    [schema, name, JSON.stringify(wanted)],
  )
  return rows.map((it) => it.name)
}

/** The columns that the queue of a source has; none where there is no queue. */
export async function queueColumns(client: Client, source: RelationName): Promise<readonly string[]> {
  const { schema, name } = queueName(source)
  const rows = await client.query<{ attname: string }>(
    `select a.attname
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped`,
    [schema, name],
  )
  return rows.map(({ attname }) => attname)
}
