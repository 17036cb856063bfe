import { expect } from 'vitest'
import type { PlanImmediate } from '../../src/compile/plan.ts'
import { compareStored } from '../oracle/compare.ts'
import type { TestModel } from '../support/models.ts'
import { AUTHORS as EVENTUAL_AUTHORS, FEED as EVENTUAL_FEED } from './feed.ts'
import { createStage, type Session, type Stage } from './stage.ts'

/** A read model that its writers keep, and the way that the compiler must choose. */
export interface ImmediateModel extends TestModel {
  readonly kind: PlanImmediate['kind']
}

export function immediate(kind: PlanImmediate['kind'], model: TestModel): ImmediateModel {
  return { ...model, kind, freshness: 'immediate' }
}

/** A row per group, kept by adding. */
export const SHELVES = immediate('fold', {
  name: 'shelves',
  key: 'user_id',
  query:
    'select user_id, count(*) as projects, sum(id) as ids from projects where not is_deleted group by user_id',
})

/** A row per project that is not hidden, with what its votes add up to. */
export const SCORES = immediate('fold', {
  name: 'scores',
  key: 'id',
  query: `
    select p.id, p.title, (select count(*) from votes v where v.project_id = p.id and v.up) as ups
    from projects p
    where not p.is_deleted`,
})

/** Computed anew, for its author's name is in another table, one hop away. */
export const FEED = immediate('recompute', EVENTUAL_FEED)

/** Computed anew, for titles do not add up. */
export const AUTHORS = immediate('recompute', EVENTUAL_AUTHORS)

/** A row per vote: its author is two hops away. */
export const BALLOTS = immediate('recompute', {
  name: 'ballots',
  key: ['user_id', 'project_id'],
  query: `
    select v.user_id, v.project_id, v.up, p.title, u.name as author
    from votes v
    join projects p on p.id = v.project_id
    join users u on u.id = p.user_id`,
})

export async function createImmediateStage(
  models: readonly ImmediateModel[],
  schema?: string,
): Promise<Stage> {
  const stage = await createStage({ models, ...(schema !== undefined && { schema }) })
  for (const { name, kind } of models) expect(stage.model(name).plan.immediate).toMatchObject({ kind })
  return stage
}

/** What readers find is what the query says, with no worker about; units that wait for one are left out. */
export async function expectStored(stage: Stage, client: Session = stage.owner): Promise<void> {
  for (const { name, plan } of stage.models) expect(await compareStored(client, plan), name).toEqual([])
}

/** The end of a race after which nothing is left to a worker. */
export async function expectApplied(stage: Stage): Promise<void> {
  await expectStored(stage)
  for (const { name } of stage.models)
    expect(await stage.drain(name), name).toMatchObject({ status: 'idle', pending: 0 })
  await stage.expectExact()
}

/**
 * Applies at once what the transaction would apply at its commit, so that it stands there with all of its locks; what
 * it writes afterwards is applied at its commit again.
 */
export async function applyNow(writer: Session): Promise<void> {
  await writer.query('set constraints all immediate')
  await writer.query('set constraints all deferred')
}
