import type { RelationName } from '../compile/plan.ts'
import { suggest } from '../define/suggest.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { qualified, sql } from '../sql/sql.ts'
import { driftLine, type Drift } from '../verify/drift.ts'
import { verifyRefreshed } from '../verify/refreshed.ts'
import { verify } from '../verify/verify.ts'
import { readModels, type InstalledModel } from '../work/model.ts'
import { readRefreshed, type RefreshedModel } from '../work/schedule/installed.ts'
import { inPlace, type Place } from './place.ts'

/** A read model by its name, `feed` or `app.feed`, or by its declaration. */
export type Named = string | { readonly name: string }

/**
 * Fails, with the rows that differ in the message, unless the stored rows of a read model are exactly what its query answers now;
 * of every read model, where none is named. It drains nothing: what is queued is not fresh.
 *
 * @throws MillraceError NOT_FRESH
 */
export async function expectFresh(place: Place, model?: Named): Promise<void> {
  const name = typeof model === 'object' ? model.name : model
  await inPlace(place, {
    own: ({ client }) => expectIn(client, name),
    within: (client) => expectIn(withSavepoints(client), name),
  })
}

async function expectIn(client: Client, name: string | undefined): Promise<void> {
  const kept = await readModels(client)
  const refreshed = await readRefreshed(client)
  const isMeant = (it: RelationName) =>
    name === undefined || [it.name, `${it.schema}.${it.name}`].includes(name)
  const models = kept.filter(isMeant)
  const others = refreshed.filter(({ model }) => isMeant(model))
  if (models.length + others.length === 0)
    throw unknownModel(name, [...kept, ...refreshed.map((it) => it.model)])

  const problems: string[] = []
  for (const it of models) problems.push(...(await problemsOfKept(client, it)))
  for (const it of others) problems.push(...(await problemsOfRefreshed(client, it)))
  if (problems.length > 0) throw new MillraceError('NOT_FRESH', { detail: problems.join('\n') })
}

/** The rows that differ, one line each. */
function driftLines(drift: readonly Drift[]): readonly string[] {
  return drift.map((it) => `  ${driftLine(it)}`)
}

const LIMIT = 20

async function problemsOfKept(client: Client, model: InstalledModel): Promise<readonly string[]> {
  const [verified] = await verify(client, [model], { limit: LIMIT })
  const aside = await client.query<{ error: string }>(
    sql`select distinct error from ${qualified(model.plan.pending)} where error is not null limit 3`.text,
  )
  const { drift = [], queued = 0, causes = [] } = verified ?? {}
  const name = `${model.schema}.${model.name}`
  return [
    ...(drift.length === 0 ? [] : [`${name} has rows that its query does not say:`, ...driftLines(drift)]),
    ...causes.map((it) => `  cause: ${it}`),
    ...aside.map(({ error }) => `${name} has units that are set aside: ${error}`),
    ...(queued === 0 || aside.length > 0
      ? []
      : [`${name} is not drained: ${String(queued)} queued, so call drainAll before`]),
  ]
}

async function problemsOfRefreshed(client: Client, model: RefreshedModel): Promise<readonly string[]> {
  const { drift, changedSince, model: name } = await verifyRefreshed(client, model, LIMIT)
  return [
    ...(drift.length === 0 ? [] : [`${name} has rows that its query does not say:`, ...driftLines(drift)]),
    ...(changedSince === 0
      ? []
      : [
          `${name} is not refreshed: ${String(changedSince)} rows have changed since, so call drainAll before`,
        ]),
  ]
}

function unknownModel(name = '', known: readonly RelationName[]): MillraceError {
  if (known.length === 0) {
    return new MillraceError('MODEL_UNKNOWN', {
      detail: `"${name}": there is none in this database`,
      hint: 'Pass the configuration, or models, to createTestDatabase.',
    })
  }
  return new MillraceError('MODEL_UNKNOWN', {
    detail: `"${name}"`,
    hint: suggest(
      name,
      known.map((it) => it.name),
    ),
  })
}

/** Transactions within one that is open: the comparison's own begins and ends as a savepoint. */
function withSavepoints(client: Client): Client {
  const instead = (text: string) => {
    if (text.startsWith('begin ')) return 'savepoint millrace_compare'
    if (text === 'commit') return 'release savepoint millrace_compare'
    return text === 'rollback' ? 'rollback to savepoint millrace_compare' : text
  }
  return { query: (text, values) => client.query(instead(text), values) }
}
