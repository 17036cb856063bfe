import { isRefreshed } from '../compile/refresh/refresh-plan.ts'
import { bareExpose } from '../compile/take-over.ts'
import { MillraceError } from '../errors.ts'
import { hasSqlState, isDatabaseError, SQLSTATE } from '../pg/errors.ts'
import type { Client } from '../pg/client.ts'
import { isSameName } from '../sql/names.ts'
import { join, literal, qualified, sql } from '../sql/sql.ts'
import { inUse, type InstalledPlan } from '../work/model.ts'
import type { AllChanges } from './all-changes.ts'
import { isMaking, type Change } from './changes.ts'
import type { CompiledModel } from './compile-model.ts'
import type { CompiledRefresh } from './compile-refreshed.ts'
import { LOCK_RETRY, withLockRetry, type LockRetry } from './lock-retry.ts'
import { removeStep, swapOf } from './model-steps.ts'
import { chainsOf } from './steps.ts'

export interface RehearsalOptions {
  /** Takes away, in the open transaction, what will have gone by then and is in nobody's way. */
  readonly first?: (() => Promise<void>) | undefined
  readonly retry?: LockRetry | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Lets versions that are to be built change places with those in use, without their rows and in a transaction that is rolled back:
 * what others have made and cannot stand on the new columns is found before anything is built. Throws READER_IN_THE_WAY. Where
 * nothing of others' stands on the names nothing is locked.
 */
export async function rehearseChanges(
  client: Client,
  { changes, onSchedule }: AllChanges,
  installed: readonly InstalledPlan[],
  { first, ...options }: RehearsalOptions = {},
): Promise<void> {
  const refreshed = onSchedule.flatMap((it) => (it.what === 'model' ? [it] : []))
  const chains = chainsOf<Built>([...changes.filter(isMaking), ...refreshed]).filter((it) =>
    it.some(({ kind }) => kind === 'replace' || kind === 'finish'),
  )
  const made = chains.flat().filter(({ kind }) => SWAPPED.includes(kind))
  const isInstalled = ({ model }: Built) =>
    installed.some(({ storage }) => storage === model.plan.storage.name)
  await rehearse(client, await standingUpon(client, made, installed), options, async () => {
    await first?.()
    for (const it of made) {
      if (!isInstalled(it)) for (const statement of standIn(it.model)) await client.query(statement)
    }
    await client.query(swapOf(made.map(({ model }) => model.plan)))
  })
}

interface Built {
  readonly kind: Change['kind']
  readonly model: CompiledModel | CompiledRefresh
}

const SWAPPED: readonly Change['kind'][] = ['create', 'finish', 'replace', 'restore']

/** The same with versions that are made already, and not filled yet. */
export async function rehearseSwap(
  client: Client,
  versions: readonly InstalledPlan[],
  used: readonly InstalledPlan[],
  retry: LockRetry,
): Promise<void> {
  const storages = used.map(({ storage }) => storage)
  await rehearse(client, await hasReaders(client, storages), { retry }, async () => {
    await client.query(swapOf(versions.map(({ plan }) => plan)))
  })
}

/** The same of the removal of models, lower ones first: what stands on them is found before anything has gone. */
export async function rehearseRemoval(
  client: Client,
  installed: readonly InstalledPlan[],
  { first, keep = false, ...options }: RehearsalOptions & { readonly keep?: boolean } = {},
): Promise<void> {
  const used = inUse(installed)
  await rehearse(client, used.length > 0, options, async () => {
    await first?.()
    for (const it of used.toReversed()) {
      for (const statement of removeStep(it, true, keep).statements) await client.query(statement)
    }
  })
}

async function rehearse(
  client: Client,
  isNeeded: boolean,
  { retry = LOCK_RETRY, signal }: Pick<RehearsalOptions, 'retry' | 'signal'>,
  swap: () => Promise<void>,
): Promise<void> {
  if (!isNeeded) return
  await withLockRetry({ ...retry, signal: signal ?? retry.signal }, async () => {
    await client.query('begin')
    try {
      await client.query(`set local lock_timeout = ${String(retry.timeoutMs)}`)
      // Functions may name what is not there yet.
      await client.query('set local check_function_bodies = off')
      await swap()
    } catch (error) {
      throw readerInTheWay(error) ?? error
    } finally {
      await client.query('rollback').catch(() => undefined)
    }
  })
}

async function standingUpon(
  client: Client,
  made: readonly Built[],
  installed: readonly InstalledPlan[],
): Promise<boolean> {
  const used = installed.filter(
    (it) => it.state === 'ready' && made.some(({ model }) => isSameName(model.definition, it)),
  )
  return await hasReaders(
    client,
    used.map(({ storage }) => storage),
  )
}

/** `$1` names of stored tables → does anything of others' depend on what these models are read by? */
const HAS_READERS = `
  select exists (
    select
    from millrace.model as m
    cross join lateral millrace.names_of(m) as own
    cross join lateral (
      select 'pg_class'::regclass as class, it as oid from unnest(own) as it
      union all
      select 'pg_proc'::regclass, it from unnest(own) as it
      union all
      select 'pg_type'::regclass, c.reltype from pg_class as c where c.oid = any (own)
    ) as name
    join pg_depend as d on d.refclassid = name.class and d.refobjid = name.oid and d.deptype = 'n'
    left join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    where m.storage = any ($1::text[]) and coalesce(r.ev_class, d.objid) <> all (own)
  ) as found`

async function hasReaders(client: Client, storages: readonly string[]): Promise<boolean> {
  if (storages.length === 0) return false
  const [row] = await client.query<{ found: boolean }>(HAS_READERS, [storages])
  return row?.found === true
}

/** Empty tables, and names that read nothing but them: the queues may not have the columns yet. */
function standIn({ definition, plan }: Built['model']): readonly string[] {
  const { model, storage, strictView, install } = plan
  const [view = '', , ...functions] = bareExpose(plan)
  const strict = sql`create or replace view ${qualified(strictView)} as select * from ${qualified(model)}`
    .text
  const shown = { ...plan, install: { ...install, expose: [view, strict, ...functions] } }
  const values = [storage.name, model.schema, model.name, definition.query, JSON.stringify(shown)]
  return [
    ...install.up,
    ...(isRefreshed(plan) ? [] : (plan.install.indexes ?? [])).map((it) => it.sql),
    sql`insert into millrace.model (storage, schema_name, name, definition, plan, state)
values (${join(values.map(literal))}::jsonb, 'building')`.text,
  ]
}

/** SQLSTATEs of `millrace.swap`, and of what PostgreSQL itself says of objects that depend on the names. */
const IN_THE_WAY = [SQLSTATE.BLOCKED, '2BP01', '42703', '42883', '42804', SQLSTATE.INSUFFICIENT_PRIVILEGE]
/** Whatever is wrong with a view that is made anew. */
const REFUSED_VIEW = /^42/

/** What others have made, and cannot come along with a swap; undefined for any other error. */
export function readerInTheWay(error: unknown): MillraceError | undefined {
  if (!isDatabaseError(error)) return undefined
  const view = /create view (\S+) as/.exec(error.internalQuery ?? error.where ?? '')?.[1]
  const isRefused = view !== undefined && REFUSED_VIEW.test(error.code ?? '')
  if (!isRefused && !hasSqlState(error, ...IN_THE_WAY)) return undefined
  return new MillraceError('READER_IN_THE_WAY', {
    detail: [view === undefined ? error.message : `${view}: ${error.message}`, error.detail]
      .filter((it) => it !== undefined)
      .join('\n'),
    // PostgreSQL's own hint is to drop it with all that stands on it.
    hint:
      error.code === SQLSTATE.BLOCKED
        ? error.hint
        : 'Drop it, or change it, and run the command again; what is read is as it was.',
    cause: error,
  })
}
