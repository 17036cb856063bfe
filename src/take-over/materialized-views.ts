import { tryQuery, type Tried } from '../explain/try-query.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import type { Found, FoundRelation } from './catalog.ts'
import type { Draft, Reason, Replaced } from './draft.ts'
import { refreshedByText } from './effects.ts'
import { declaredIndexes } from './indexes.ts'
import type { Keeper } from './keepers.ts'

export interface TriedView {
  readonly view: FoundRelation
  readonly tried: Tried
}

export interface TryOptions {
  readonly searchPath: readonly string[] | undefined
  readonly signal: AbortSignal
}

/** Tries the SELECT of a materialized view: by the key that its own unique index says, if it can be kept by that. */
export async function tryView(
  client: Client,
  view: FoundRelation,
  options: TryOptions,
): Promise<Tried | Reason> {
  const query = queryOf(view)
  const [unique] = view.indexes.filter((it) => it.isUnique)
  try {
    const byIndex =
      unique?.columns == null ? undefined : await tryQuery(client, query, { ...options, key: unique.columns })
    if (byIndex !== undefined && byIndex.verdict !== 'refused') return byIndex
    return await tryQuery(client, query, options)
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return { code: error.code, detail: error.detail ?? error.message, hint: error.hint }
  }
}

/** As the server prints it, without the semicolon at its end. */
function queryOf({ definition }: FoundRelation): string {
  return (definition ?? '').trim().replace(/;$/, '')
}

/** Where nothing tells how often it was refreshed. */
const EVERY = '5 minutes'

export function draftOfView(found: Found, { view, tried }: TriedView, keepers: readonly Keeper[]): Draft {
  const own = keepers.filter(({ relations }) => relations.includes(view))
  const jobs = own.flatMap(({ job }) => (job === null ? [] : [job]))
  const key = tried.key?.columns ?? []
  const schedule = { every: jobs[0]?.schedule ?? EVERY }
  return {
    relation: { schema: view.schema, name: view.name },
    replaces: replacedBy(own, 'materialized view'),
    query: queryOf(view),
    key,
    freshness: tried.verdict === 'kept' ? 'eventual' : schedule,
    indexes: declaredIndexes(view, key),
    notes: [
      ...notesOfRefresh(tried, own, schedule.every),
      ...missingIndexes(tried),
      ...callersOf(found, view),
      ...jobs.filter(({ name }) => name === null).map(unnamed),
    ],
    comparison: null,
  }
}

export function replacedBy(keepers: readonly Keeper[], kind: Replaced['kind']): Replaced {
  return {
    kind,
    triggers: keepers.flatMap(({ trigger }) => (trigger === null ? [] : [trigger])),
    jobs: keepers.flatMap(({ job }) => (job?.name == null ? [] : [job.name])),
  }
}

function notesOfRefresh(
  { verdict, refusals }: Tried,
  keepers: readonly Keeper[],
  every: string,
): readonly string[] {
  if (verdict === 'kept') return []
  const code = refusals[0]?.code ?? ''
  const before = keepers.some(({ trigger }) => trigger !== null) ? 'with every write' : 'by hand or by a job'
  return [`It can only be refreshed as a whole (${code}): every ${every}; until now that was done ${before}.`]
}

export function missingIndexes({ description }: Tried): readonly string[] {
  return (description?.indexes ?? []).flatMap(({ statement }) =>
    statement === null ? [] : [`An index is missing: ${statement}`],
  )
}

/** Functions that refresh it, and that no trigger calls. */
function callersOf({ functions, ...found }: Found, view: FoundRelation): readonly string[] {
  return functions
    .filter(({ isTrigger }) => !isTrigger)
    .filter(({ schema, name }) => {
      const views = refreshedByText({ ...found, functions }, `select ${schema}.${name}()`)
      return views?.includes(view) === true
    })
    .map((it) => `The function ${it.schema}.${it.name} refreshes it, and will raise: call it no more.`)
}

function unnamed({ id }: { readonly id: string }): string {
  return `Its pg_cron job ${id} has no name: unschedule it yourself, select cron.unschedule(${id}).`
}
