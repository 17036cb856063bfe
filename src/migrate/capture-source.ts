import { sourcesOf } from '../compile/sources-of.ts'
import type { CapturedColumn, Plan, RelationName } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { HOME, isSameName, queueName, triggerName } from '../sql/names.ts'
import { join, literal, qualified } from '../sql/sql.ts'
import type { InstalledModel } from '../work/model.ts'

const TRIGGERS = (['insert', 'update', 'delete', 'truncate', 'nested'] as const).map(triggerName)

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

/** The model as it is captured while it is not in use: what its writers change is left to the worker. */
export function leftToWorker(plan: Plan): Plan {
  const sources = plan.sources.map((it) =>
    it.applied === null ? it : { ...it, applied: { ...it.applied, inPlace: null, isLeft: true } },
  )
  return { ...plan, sources }
}

/** Of a model that is not ready, or not any more, the worker keeps the rows. */
export function asCaptured({ plan, state }: InstalledModel): Plan {
  return state === 'ready' ? plan : leftToWorker(plan)
}

/** The columns that the queue of a source has; none where there is no queue. */
export async function queueColumns(client: Client, source: RelationName): Promise<readonly string[]> {
  const { columns } = await readQueues(client, [])
  return columns(source).map(({ name }) => name)
}

export interface QueueColumn extends Pick<CapturedColumn, 'collation'> {
  readonly name: string
  /** Null where nobody could be asked. */
  readonly type: string | null
}

/** What the database has of sources and their queues. */
export interface Queues {
  readonly columns: (source: RelationName) => readonly QueueColumn[]
  /**
   * It is not there any more. Under another name its writers ask for a rebuild, and touch no read model, until it is captured by that.
   */
  readonly isGone: (source: RelationName) => boolean
}

/** Looks up all queues at once, and which of these models' sources are gone. */
export async function readQueues(client: Client, plans: readonly Plan[]): Promise<Queues> {
  const [known] = await client.query<{ knowsTypes: boolean }>(
    `select to_regprocedure('millrace.column_type(oid, int)') is not null as "knowsTypes"`,
  )
  const rows = await client.query<{ queue: string; columns: readonly QueueColumn[] }>(
    queueColumnsOf(known?.knowsTypes === true),
  )
  const sources = sourcesOf(plans).filter(({ schema }) => schema !== HOME)
  const gone = await client.query<{ name: string }>(
    'select name from unnest($1::text[]) as name where to_regclass(name) is null',
    [sources.map((it) => qualified(it).text)],
  )
  const queues = new Map(rows.map(({ queue, columns }) => [queue, columns]))
  return {
    columns: (source) => queues.get(queueName(source).name) ?? [],
    isGone: (source) => gone.some(({ name }) => name === qualified(source).text),
  }
}

function queueColumnsOf(knowsTypes: boolean): string {
  const [type, collation] = knowsTypes
    ? [
        'millrace.column_type(a.atttypid, a.atttypmod)',
        'millrace.column_collation(a.atttypid, a.attcollation)',
      ]
    : ['null', 'null']
  return `
    select c.relname as queue,
           json_agg(json_build_object('name', a.attname, 'type', ${type}, 'collation', ${collation})) as columns
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind = 'p'
    where c.relnamespace = to_regnamespace('${HOME}') and a.attnum > 0 and not a.attisdropped
    group by c.oid`
}
