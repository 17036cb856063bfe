import { defineConfig, installModels, removeModels } from 'millrace'
import type pg from 'pg'
import { withClient } from './database.ts'
import { PHASES, type Phase } from './phases.ts'
import { grantViews } from './read-models.ts'
import { readIndexes, type NamedIndex } from './tables.ts'

export interface MigrateOptions {
  readonly url: string
  readonly signal?: AbortSignal | undefined
  readonly roles?: { readonly worker?: string; readonly reader?: string }
  /** Who owns the base tables, and makes their indexes; `url` unless said otherwise. */
  readonly tablesUrl?: string
  readonly onPhase?: (phase: Phase, number: number) => void
}

/** How many phases have been carried out: the last one whose objects are there. */
export async function currentPhase(url: string): Promise<number> {
  return await withClient(url, async (client) => {
    const present = await namesIn(client)
    return PHASES.findLastIndex((phase, i) => namesOf(phase, i).some((name) => present.has(name))) + 1
  })
}

/**
 * Carries out the phases up to `target`, on tables with data, while others read and write. What is there stays; a phase that was
 * interrupted goes on.
 */
export async function migrateUp(target: number, options: MigrateOptions): Promise<void> {
  for (let number = 1; number <= target; number += 1) {
    const phase = phaseOf(number)
    options.signal?.throwIfAborted()
    options.onPhase?.(phase, number)
    await withClient(options.tablesUrl ?? options.url, async (client) => {
      for (const index of await indexesOf(phase)) await makeIndex(client, index)
    })
    if (phase.define.length > 0) await declare(number, options)
  }
}

/** Takes the phases after `target` back, the last one first. The base tables keep their rows. */
export async function migrateDown(target: number, options: MigrateOptions): Promise<void> {
  for (let number = await currentPhase(options.url); number > target; number -= 1) {
    const phase = phaseOf(number)
    options.signal?.throwIfAborted()
    options.onPhase?.(phase, number)
    if (phase.define.length > 0) await declare(number - 1, options)
    await withClient(options.url, async (client) => {
      for (const name of phase.extensions) await client.query(`drop extension if exists ${name}`)
    })
    await withClient(options.tablesUrl ?? options.url, async (client) => {
      for (const { name } of await indexesOf(phase))
        await client.query(`drop index concurrently if exists ${name}`)
    })
  }
}

/** Makes the database have what the phases up to this one declare, and nothing else of Millrace. */
async function declare(number: number, { url, signal, roles = {} }: MigrateOptions): Promise<void> {
  const phases = PHASES.slice(0, number)
  const define = phases.flatMap((it) => [...it.define])
  if (define.length === 0) {
    await removeModels(defineConfig({ define: [], database: url }), { signal })
    return
  }
  const extensions = phases.flatMap((it) => [...it.extensions])
  await installModels(defineConfig({ define, extensions, roles, database: url }), { signal })
  if (roles.reader !== undefined) await grantViews(url, define, roles.reader)
}

function phaseOf(number: number): Phase {
  const phase = PHASES[number - 1]
  if (phase === undefined)
    throw new Error(`there is no phase ${String(number)}: there are ${String(PHASES.length)}`)
  return phase
}

async function indexesOf({ indexes }: Phase): Promise<readonly NamedIndex[]> {
  const all = await readIndexes()
  const named = PHASES.flatMap((it) => (it.indexes === 'the rest' ? [] : [...it.indexes]))
  return all.filter(({ name }) => (indexes === 'the rest' ? !named.includes(name) : indexes.includes(name)))
}

/** Without keeping writers waiting. What an interrupted attempt has left is no index, and is made anew. */
async function makeIndex(client: pg.Client, { name, statement }: NamedIndex): Promise<void> {
  const { rows } = await client.query<{ valid: boolean }>(
    'select indisvalid as valid from pg_index where indexrelid = to_regclass($1)',
    [name],
  )
  if (rows[0]?.valid === true) return
  if (rows[0] !== undefined) await client.query(`drop index concurrently ${name}`)
  await client.query(statement.replace(/^create index/, 'create index concurrently'))
}

function namesOf(phase: Phase, i: number): readonly string[] {
  const declared = phase.define.flatMap((it) =>
    'kind' in it && it.kind !== 'job' && 'name' in it ? [String(it.name)] : [],
  )
  return declared.length > 0 ? declared : i === INDEX_PHASE ? [LAST_INDEX] : []
}

/** The phase that makes nothing but indexes is told by the last of them. */
const INDEX_PHASE = PHASES.findIndex(({ indexes }) => indexes === 'the rest')
const LAST_INDEX = 'feedback_open'

async function namesIn(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace`,
  )
  return new Set(rows.map(({ name }) => name))
}
