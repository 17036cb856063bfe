import type { Plan } from '../../../src/compile/plan.ts'
import { compileModel } from '../../../src/migrate/compile-model.ts'
import type { Client } from '../../../src/pg/client.ts'
import type { TestDatabase } from '../../support/database.ts'
import { definitionOf } from '../../support/models.ts'
import { IMMEDIATE_MODELS } from '../immediate/models.ts'
import type { Checked } from '../immediate/reads.ts'
import { edited, type Edit, type Rewrite } from './fault.ts'
import type { ImmediatePlace } from './immediate.ts'

/** Makes a fault in models that are installed, before anyone writes. Throws if that changes nothing. */
export async function makeFault(
  owner: Client,
  models: readonly Checked[],
  place: ImmediatePlace | undefined,
): Promise<(worker: Client) => Client> {
  if (place?.kind === 'functions') await editFunctions(owner, place.names, place.change)
  if (place?.kind === 'strict views') {
    const views = models.flatMap(({ plan }) =>
      plan.install.expose.filter((it) => /^create or replace view \S+_strict"/.test(it)),
    )
    for (const view of views) await owner.query(edited(view, place.change))
  }
  if (place?.kind === 'worker') return (worker) => rewriting(worker, place.rewrite)
  if (place?.kind !== 'eventual twin') return (worker) => worker
  const [model] = models
  if (model === undefined) throw new Error('no model has a twin')
  const twin = await eventualTwin(owner, model.name)
  return (worker) => rewriting(worker, place.start(model.plan, twin))
}

async function eventualTwin(owner: Client, name: string): Promise<Plan> {
  const model = IMMEDIATE_MODELS.find((it) => it.name === name)
  if (model === undefined) throw new Error(`no model ${name}`)
  const { plan } = await compileModel(owner, { ...definitionOf(model), freshness: 'eventual' })
  return plan
}

/**
 * Writers take their time between their locks, between the rows that they write and before their end, so that others come in
 * between as they would on more processors. That alone must make no difference.
 */
export async function slowDown(database: TestDatabase, models: readonly Checked[]): Promise<void> {
  const owner = await database.connect('owner')
  await owner.query(`
    create function millrace.slow_row() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(random() * 0.001);
      return new;
    end $$`)
  for (const { plan } of models)
    await owner.query(
      `create trigger slow_row before insert on millrace."${plan.storage.name}"
       for each row execute function millrace.slow_row()`,
    )
  const functions = await functionsLike(owner, /^(apply|recompute)_/)
  for (const { text } of functions) {
    const pause = 'perform pg_sleep(random() * 0.004);'
    await owner.query(
      text
        .replaceAll(/perform (pg_advisory_xact_lock|case when)/g, 'perform pg_sleep(random() * 0.001), $1')
        .replace(/^( *)return;$/m, `$1${pause}\n$1return;`),
    )
  }
}

/** At least one of the functions must become another. */
async function editFunctions(owner: Client, names: RegExp, change: Edit): Promise<void> {
  const functions = await functionsLike(owner, names)
  const changed = functions
    .map(({ text }) => ({ text, after: change(text) }))
    .filter(({ text, after }) => text !== after)
  if (changed.length === 0) throw new Error(`the fault changes nothing in functions like ${String(names)}`)
  for (const { after } of changed) await owner.query(after)
}

async function functionsLike(owner: Client, names: RegExp): Promise<readonly { readonly text: string }[]> {
  return await owner.query<{ text: string }>(
    `select pg_get_functiondef(oid) as text
     from pg_proc
     where pronamespace = 'millrace'::regnamespace and prokind = 'f' and proname ~ $1`,
    [names.source],
  )
}

function rewriting(worker: Client, rewrite: Rewrite): Client {
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      let rows: Row[] = []
      for (const it of rewrite({ text, values })) rows = await worker.query<Row>(it.text, it.values)
      return rows
    },
  }
}
