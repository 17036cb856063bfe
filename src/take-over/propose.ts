import { MillraceError } from '../errors.ts'
import { tryQuery, type Tried } from '../explain/try-query.ts'
import type { Client } from '../pg/client.ts'
import { displayName } from '../sql/names.ts'
import { loadParser } from '../sql/parse.ts'
import { readFound, type Found, type FoundRelation } from './catalog.ts'
import { compareCounters } from './counters/compare.ts'
import { countedTables, type CountedTable } from './counters/tables.ts'
import type { Comparison, Draft, LeftAlone, Reason } from './draft.ts'
import { effectsOfTriggers } from './effects.ts'
import { declaredIndexes } from './indexes.ts'
import { keepersOf, withoutTies, type Keeper } from './keepers.ts'
import { draftOfView, missingIndexes, replacedBy, tryView, type TryOptions } from './materialized-views.ts'

/** What was found in a database that a team keeps by hand, and what could become of it. */
export interface Proposal {
  /** Read models that take the place of what they are called like. */
  readonly takeOver: readonly Draft[]
  /** Read models of columns that triggers count in a table of the application's own. */
  readonly beside: readonly Draft[]
  readonly left: readonly LeftAlone[]
  /** Tables of the application: what a first read model could be of. */
  readonly tables: readonly FoundRelation[]
}

export interface ProposeOptions extends TryOptions {
  /** Names of what is to be taken over, counters included whose stored values are not what their query gives; empty: all that can be. */
  readonly only: readonly string[]
}

/** Looks for what can be taken over. Nothing is changed: what the server is asked is rolled back. */
export async function propose(client: Client, options: ProposeOptions): Promise<Proposal> {
  await loadParser()
  const found = await readFound(client)
  const triggers = effectsOfTriggers(found)
  const keepers = keepersOf(found, triggers)
  const left: LeftAlone[] = []

  const views = new Map<FoundRelation, Tried>()
  for (const view of found.relations.filter(({ kind }) => kind === 'm')) {
    const tried = await tryView(client, view, options)
    if ('verdict' in tried && tried.verdict !== 'refused') views.set(view, tried)
    else left.push({ relation: view, what: 'materialized view', reasons: reasonsOf(tried) })
  }

  const whole = new Map<FoundRelation, Counted>()
  const beside: Draft[] = []
  for (const understood of countedTables(found, triggers)) {
    const { table } = understood
    if ('reasons' in understood) {
      left.push({ relation: table, what: 'table that triggers write', reasons: understood.reasons })
      continue
    }
    const counted = await judge(client, understood, options)
    if ('reasons' in counted)
      left.push({ relation: table, what: whatOf(understood), reasons: counted.reasons })
    else if (understood.extent === 'whole') whole.set(table, counted)
    else beside.push(draftBeside(found, counted))
  }
  return settled(found, { views, whole, beside, left }, keepers, options)
}

interface Candidates {
  readonly views: ReadonlyMap<FoundRelation, Tried>
  readonly whole: ReadonlyMap<FoundRelation, Counted>
  readonly beside: readonly Draft[]
  readonly left: readonly LeftAlone[]
}

function settled(
  found: Found,
  { views, whole, beside, left }: Candidates,
  keepers: readonly Keeper[],
  { only }: ProposeOptions,
): Proposal {
  const isWanted = (relation: FoundRelation) =>
    only.length === 0 || only.includes(relation.name) || only.includes(displayName(relation))
  const candidates = [...views.keys(), ...whole.keys()].filter(isWanted)
  const tied = withoutTies(candidates, keepers)
  const going = candidates.filter((it) => !tied.has(it))
  return {
    takeOver: [
      ...going.flatMap((view) => {
        const tried = views.get(view)
        return tried === undefined ? [] : [draftOfView(found, { view, tried }, keepers)]
      }),
      ...going.flatMap((table) => {
        const counted = whole.get(table)
        return counted === undefined ? [] : [draftOfTable(counted, keepers)]
      }),
    ],
    beside: only.length === 0 ? beside : [],
    left: [
      ...left,
      ...[...tied].map(([relation, reasons]) => ({ relation, what: kindOf(relation), reasons })),
    ],
    tables: found.relations.filter(({ kind }) => kind !== 'm'),
  }
}

function kindOf({ kind }: FoundRelation): string {
  return kind === 'm' ? 'materialized view' : 'table that triggers write'
}

function whatOf({ extent, derived }: CountedTable): string {
  return extent === 'whole' ? 'table that triggers write' : `counter ${derived.join(', ')}`
}

interface Counted {
  readonly counted: CountedTable
  readonly tried: Tried
  readonly comparison: Comparison | undefined
}

/** Whether the derived query can be kept, and whether it gives what is stored: that is the proof that it was understood. */
async function judge(
  client: Client,
  counted: CountedTable,
  { only, ...options }: ProposeOptions,
): Promise<Counted | { readonly reasons: readonly Reason[] }> {
  try {
    const tried = await tryQuery(client, counted.query, { ...options, key: counted.key })
    if (tried.verdict !== 'kept') return { reasons: reasonsOf(tried) }
    const comparison = await compareCounters(client, counted)
    const isNamed = only.includes(counted.table.name) || only.includes(displayName(counted.table))
    const reasons = isNamed ? [] : differences(counted, comparison)
    return reasons.length > 0 ? { reasons } : { counted, tried, comparison }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return {
      reasons: reasonsOf({ code: error.code, detail: error.detail ?? error.message, hint: error.hint }),
    }
  }
}

function differences(
  { table, constants, query }: CountedTable,
  comparison: Comparison | undefined,
): readonly Reason[] {
  const { rows = 0, differing = [], unknownRows = 0 } = comparison ?? {}
  const name = displayName(table)
  const others = differing.filter(({ column }) => constants.includes(column))
  const told = differing
    .filter(({ column }) => !constants.includes(column))
    .map((it) => `${it.column} in ${String(it.rows)}`)
  return [
    ...others.map(({ column }) => ({
      code: null,
      detail: `${name}.${column} has values, and no trigger writes it`,
      hint: 'Something else writes the table: a read model cannot take its place.',
    })),
    ...(unknownRows === 0
      ? []
      : [
          {
            code: null,
            detail: `${String(unknownRows)} of ${String(rows)} rows of ${name} belong to nothing`,
            hint: undefined,
          },
        ]),
    ...(told.length === 0
      ? []
      : [
          {
            code: null,
            detail: `of ${String(rows)} rows of ${name} these are not what its triggers are for: ${told.join(', ')}`,
            hint: `The triggers miss changes, or count something else than\n${query}\nIf this is what is meant: millrace init ${table.name}`,
          },
        ]),
  ]
}

function draftOfTable({ counted, tried, comparison }: Counted, keepers: readonly Keeper[]): Draft {
  const { table, key, query, stamps } = counted
  const own = keepers.filter(({ relations }) => relations.includes(table))
  return {
    relation: { schema: table.schema, name: table.name },
    replaces: replacedBy(own, 'table'),
    query,
    key,
    freshness: freshnessOf(tried),
    indexes: declaredIndexes(table, key),
    notes: [
      freshnessNote(tried),
      ...stamps.map((it) => `Nothing tells any more when a row was last written: ${it} is null.`),
      ...missingIndexes(tried),
    ],
    comparison: comparison ?? null,
  }
}

function draftBeside(found: Found, { counted, tried, comparison }: Counted): Draft {
  const { table, derived, key, query } = counted
  const [only = '', ...more] = derived
  const name = more.length === 0 ? `${table.name}_${only}` : `${table.name}_counts`
  const isTaken = found.relations.some((it) => it.schema === table.schema && it.name === name)
  const drops = derived.map((it) => `drop column ${it}`).join(', ')
  return {
    relation: { schema: table.schema, name: isTaken ? `${name}_kept` : name },
    replaces: null,
    query,
    key,
    freshness: freshnessOf(tried),
    indexes: [],
    notes: [
      `${displayName(table)} is a table of the application's own, so its columns and triggers stay as they are.`,
      freshnessNote(tried),
      `When all readers have come here: drop the triggers, then alter table ${displayName(table)} ${drops}.`,
      ...missingIndexes(tried),
    ],
    comparison: comparison ?? null,
  }
}

function reasonsOf(outcome: Tried | Reason): readonly Reason[] {
  if (!('verdict' in outcome)) return [outcome]
  return outcome.refusals.map(({ code, detail, hint }) => ({ code, detail, hint }))
}

/**
 * Who counts by triggers is exact at every commit, and stays so where that is added up. Where rows would be computed, writers would
 * pay more than for the triggers (`bench/taking-over`): that is for the team to choose.
 */
function freshnessOf({ description }: Tried): 'immediate' | 'eventual' {
  return description?.immediate.kind === 'fold' ? 'immediate' : 'eventual'
}

function freshnessNote({ description }: Tried): string {
  switch (description?.immediate.kind) {
    case 'fold':
      return `It is added up at every commit, as by its triggers; freshness: 'eventual' leaves that to the worker.`
    case 'recompute':
      return `Its triggers kept it at every commit; now it follows them, and a strict read is exact. Writers can keep it, for more: 'immediate'.`
    case 'impossible':
    case undefined:
      return 'Its triggers kept it at every commit; now it follows them, and a strict read is exact.'
  }
}
