import { withTransaction, type Client, type Connection } from '../../pg/client.ts'
import { isDatabaseError } from '../../pg/errors.ts'
import { drainOnce } from '../../work/drain.ts'
import { readModels, type InstalledModel } from '../../work/model.ts'
import { readRefreshed } from '../../work/schedule/installed.ts'
import type { Drift } from '../../verify/drift.ts'
import { verifyRefreshed } from '../../verify/refreshed.ts'
import { compareStrict } from '../../verify/strict.ts'
import { verify } from '../../verify/verify.ts'
import { drainEverything } from '../drain-all.ts'

/**
 * What happens next: a session runs a statement, or asks what a strict read answers to it, or (`drain`) every read model is drained
 * once and compared. Steps are taken one after the other, so the same steps come to the same end.
 */
export type Step =
  | { readonly kind: 'run'; readonly session: number; readonly sql: string }
  | { readonly kind: 'read strictly'; readonly session: number }
  | { readonly kind: 'drain' }

/** Rows of a read model that are not what its query says. */
export interface Difference {
  readonly model: string
  readonly how: 'stored' | 'read strictly'
  readonly drift: readonly Drift[]
}

/** The sessions of the application, and one that drains. */
export interface Stage {
  readonly sessions: readonly Connection[]
  readonly worker: Connection
  readonly models: readonly InstalledModel[]
}

export type Taken = { readonly refused: string } | { readonly difference: Difference } | undefined

export async function take(stage: Stage, step: Step): Promise<Taken> {
  if (step.kind === 'drain') return found(await drainAndCompare(stage))
  const session = stage.sessions[step.session]
  if (session === undefined) throw new Error(`there is no session ${String(step.session)}`)
  if (step.kind === 'read strictly') return found(await readStrictly(session, stage.models))
  try {
    await session.query(step.sql)
    return undefined
  } catch (error) {
    if (isDatabaseError(error)) return { refused: error.message }
    throw error
  }
}

function found(difference: Difference | undefined): Taken {
  return difference === undefined ? undefined : { difference }
}

/** Ends what the sessions have begun, makes everything fresh and compares all of it. */
export async function settle({ sessions, worker, models }: Stage): Promise<Difference | undefined> {
  for (const session of sessions) await session.query('rollback')
  await drainEverything(worker)
  const kept = await compareStored(worker, models)
  if (kept !== undefined) return kept
  for (const model of await readRefreshed(worker)) {
    const { drift, changedSince, model: name } = await verifyRefreshed(worker, model, LIMIT)
    if (drift.length + changedSince > 0) return { model: name, how: 'stored', drift }
  }
  return await readStrictly(worker, await readModels(worker))
}

const LIMIT = 10

/** A model whose writers are at work is left for the next time. */
async function drainAndCompare({ worker, models }: Stage): Promise<Difference | undefined> {
  for (const { plan } of models) await drainOnce(worker, plan)
  return await compareStored(worker, models)
}

async function compareStored(
  client: Client,
  models: readonly InstalledModel[],
): Promise<Difference | undefined> {
  const verified = await verify(client, models, { limit: LIMIT })
  const wrong = verified.find(({ drift }) => drift.length > 0)
  return wrong && { model: wrong.model, how: 'stored', drift: wrong.drift }
}

/** In the session's own transaction, if it has one open: it sees its own changes, and a strict read has to, too. */
async function readStrictly(
  client: Client,
  models: readonly InstalledModel[],
): Promise<Difference | undefined> {
  for (const { plan, schema, name } of models) {
    const drift = await attempted(client, () => compareStrict(client, plan, LIMIT))
    if (drift.length > 0) return { model: `${schema}.${name}`, how: 'read strictly', drift }
  }
  return undefined
}

/** A query that raises with these rows raises in a strict read as well: then there is nothing to compare. */
async function attempted(
  client: Client,
  compare: () => Promise<readonly Drift[]>,
): Promise<readonly Drift[]> {
  try {
    return await withSavepoint(client, compare)
  } catch (error) {
    if (isDatabaseError(error)) return []
    throw error
  }
}

/** Within the transaction that is open, or in one of its own. */
async function withSavepoint<T>(client: Client, use: () => Promise<T>): Promise<T> {
  const isOpen = await client.query('savepoint millrace_fuzz').then(
    () => true,
    () => false,
  )
  if (!isOpen) return await withTransaction(client, { isolation: 'repeatable read' }, use)
  try {
    return await use()
  } finally {
    await client.query('rollback to savepoint millrace_fuzz')
  }
}
