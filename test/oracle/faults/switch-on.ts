import { analyze } from '../../../src/analyze/analyze.ts'
import { canonicalize } from '../../../src/catalog/canonicalize.ts'
import { compile } from '../../../src/compile/compile.ts'
import type { Plan, RelationName } from '../../../src/compile/plan.ts'
import { sourcesOf } from '../../../src/compile/sources-of.ts'
import { readQueues } from '../../../src/migrate/capture-source.ts'
import { captureStep } from '../../../src/migrate/capture-steps.ts'
import { LOCK_RETRY } from '../../../src/migrate/lock-retry.ts'
import { runSteps } from '../../../src/migrate/run-steps.ts'
import type { Client } from '../../../src/pg/client.ts'
import { captureName, triggerName } from '../../../src/sql/names.ts'
import { currentSlot } from '../../../src/sql/slots.ts'
import { ident } from '../../../src/sql/sql.ts'
import type { InstalledModel } from '../../../src/work/model.ts'
import type { TestDatabase } from '../../support/database.ts'
import { edited, replace, type Edit, type Event, type Place } from './fault.ts'

/** The models as the worker then knows them, and what comes between the worker and the server. */
export interface Switched {
  readonly models: readonly InstalledModel[]
  readonly worker: (connection: Client) => Client
  /** How often the worker sent something else than it meant to. */
  readonly strikes: () => number
}

/**
 * Makes a fault in models that are installed and backfilled, before anyone writes. Throws if that changes nothing.
 */
export async function switchOn(
  place: Place | undefined,
  database: TestDatabase,
  models: readonly InstalledModel[],
): Promise<Switched> {
  const owner = await database.connect('owner')
  const plans = await changedPlans(place, owner, models)
  if (plans !== undefined) await reinstall(owner, plans)
  await useAllSlots(owner, models)
  if (place?.kind === 'capture') {
    await editCapture(owner, { schema: 'public', name: place.source }, place.event, place.change)
  }
  if (place?.kind === 'no trigger') await dropTrigger(database, place.source, place.event)

  const faulty = models.map((it, i) => ({ ...it, plan: plans?.[i] ?? it.plan }))
  return { models: faulty, ...between(place, faulty) }
}

/** Throws if the fault would change nothing. What the worker sends is seen only while it works: of that nothing is said. */
export async function expectChange(
  place: Place,
  owner: Client,
  models: readonly InstalledModel[],
): Promise<void> {
  await changedPlans(place, owner, models)
  if (place.kind === 'capture') {
    edited(await captureText(owner, { schema: 'public', name: place.source }, place.event), place.change)
  }
  if (place.kind === 'no trigger') {
    const triggers = await owner.query(
      'select from pg_trigger where tgrelid = $1::regclass and tgname = $2',
      [place.source, triggerName(place.event)],
    )
    if (triggers.length === 0) throw new Error(`there is no trigger to drop on ${place.source}`)
  }
}

async function changedPlans(
  place: Place | undefined,
  owner: Client,
  models: readonly InstalledModel[],
): Promise<readonly Plan[] | undefined> {
  if (place?.kind !== 'analysis' && place?.kind !== 'plan') return undefined
  const plans: Plan[] = []
  for (const model of models) {
    const plan =
      place.kind === 'plan' ? place.change(model.plan) : await recompile(owner, model, place.change)
    // As stored: jsonb has an order of its own for properties.
    const [same] = await owner.query<{ same: boolean }>('select $1::jsonb = $2::jsonb as same', [
      JSON.stringify(plan),
      JSON.stringify(model.plan),
    ])
    if (same?.same !== false) throw new Error(`the fault changes nothing in the plan of ${model.name}`)
    plans.push(plan)
  }
  return plans
}

async function recompile(
  owner: Client,
  { plan, definition }: InstalledModel,
  change: Extract<Place, { kind: 'analysis' }>['change'],
): Promise<Plan> {
  const query = await canonicalize(owner, definition)
  const outcome = analyze(query, plan.key)
  if (outcome.kind === 'refused') throw new Error('refused')
  const { model, version, key } = plan
  return compile({ model, version, key, indexes: [], query, analysis: change(outcome.analysis) })
}

/** Capture and strict views are made anew; the tables stand already. */
async function reinstall(owner: Client, plans: readonly Plan[]): Promise<void> {
  const captures = { before: plans, after: plans, queues: await readQueues(owner, plans) }
  const steps = sourcesOf(plans).map((source) => captureStep(source, captures))
  await runSteps(owner, steps, LOCK_RETRY)
  for (const statement of plans.flatMap((plan) => plan.install.expose)) await owner.query(statement)
}

/**
 * Capture chooses a slot by the clock, and a world of two seconds would see one. Any choice is right: here the
 * transaction's number makes it.
 */
export async function useAllSlots(owner: Client, models: readonly InstalledModel[]): Promise<void> {
  const byNumber = replace(currentSlot().text, '(pg_current_xact_id()::text::numeric % 3)::smallint')
  for (const source of sourcesOf(models.map(({ plan }) => plan))) {
    for (const event of ['insert', 'update', 'delete', 'truncate'] as const)
      await editCapture(owner, source, event, byNumber)
  }
}

async function editCapture(owner: Client, source: RelationName, event: Event, edit: Edit): Promise<void> {
  await owner.query(edited(await captureText(owner, source, event), edit))
}

async function captureText(owner: Client, source: RelationName, event: Event): Promise<string> {
  const { schema, name } = captureName(source, event)
  const [found] = await owner.query<{ text: string }>(`select pg_get_functiondef($1::regproc::oid) as text`, [
    ident(schema, name).text,
  ])
  return found?.text ?? ''
}

async function dropTrigger(database: TestDatabase, source: string, event: Event): Promise<void> {
  const application = await database.connect('application')
  await application.query(`drop trigger "${triggerName(event)}" on ${source}`)
}

function between(
  place: Place | undefined,
  models: readonly InstalledModel[],
): Pick<Switched, 'worker' | 'strikes'> {
  let strikes = 0
  const worker = (connection: Client): Client => {
    const rewrite = place?.kind === 'worker' ? place.start(models) : undefined
    if (rewrite === undefined) return connection
    return {
      async query<Row extends object>(text: string, values: readonly unknown[] = []) {
        const statement = { text, values }
        const statements = rewrite(statement)
        if (statements.length !== 1 || statements[0] !== statement) strikes += 1

        let rows: Row[] = []
        for (const it of statements) rows = await connection.query<Row>(it.text, it.values)
        return rows
      },
    }
  }
  return { worker, strikes: () => strikes }
}
