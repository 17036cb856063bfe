import { expect, test } from 'vitest'
import { drainAll } from '../../src/work/drain-all.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { compareStored } from './compare.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { prepare } from './prepare.ts'
import { COUNTING_MODELS, TOKEN_SCHEMA } from './token-tables.ts'
import { runTokenWorld, type TokenOutcome } from './token-world.ts'

const TRANSACTIONS = Number(process.env['MILLRACE_TOKEN_TRANSACTIONS'] ?? 500)
const SEED = Number(process.env['MILLRACE_TOKEN_SEED'] ?? Date.now() % 1_000_000)

test(
  `what a token has passed is to be read, over ${String(TRANSACTIONS)} transactions`,
  { timeout: 0 },
  async () => {
    console.info(`seed ${String(SEED)}: repeat with MILLRACE_TOKEN_SEED=${String(SEED)}`)
    const { database, models } = await createWorld()
    const outcome = await runTokenWorld(database, models, {
      seed: SEED,
      writers: 5,
      transactions: TRANSACTIONS,
    })
    console.info(JSON.stringify(outcome.counts))
    expect(outcome.wrong.slice(0, 5)).toEqual([])
    for (const [name, count] of Object.entries(outcome.counts))
      if (name !== 'conflicts') expect(count, name).toBeGreaterThan(0)
    await expectAllPassed(database, models, outcome)
  },
)

/** Ways to answer wrongly, each a part of the rule left out; `part` is in the function's text. */
const FAULTS = [
  {
    name: 'units that wait are not looked for',
    part: 'where retry_at is null',
    instead: 'where false',
    place: 'millrace.has_drained(millrace.model, xid8[])',
  },
  {
    name: 'the sentinels are not counted',
    part: /and count\(\*\) filter \(where q\.xid = ''0''\)\s+= \(select count\(\*\) from pg_inherits where inhparent = %L::regclass\)/,
    instead: 'and %L is not null',
    place: 'millrace.has_drained(millrace.model, xid8[])',
  },
  {
    name: 'the queues are not looked at',
    part: `where q.xid = any ($1)'`,
    instead: `where q.xid = any ($1) and q.xid = ''0''::xid8'`,
    place: 'millrace.has_drained(millrace.model, xid8[])',
  },
  {
    name: 'whether the transaction has ended is asked of the server and not of the snapshot',
    part: 'else pg_visible_in_snapshot(transaction, snapshot) end',
    instead: 'else true end',
    place: 'millrace.transaction_status(xid8)',
  },
]

for (const { name, part, instead, place } of FAULTS) {
  test(`found: ${name}`, async () => {
    const { database, models } = await createWorld()
    const owner = await database.connect('owner')
    const [row] = await owner.query<{ text: string }>('select pg_get_functiondef($1::regprocedure) as text', [
      place,
    ])
    const changed = row?.text.replace(part, instead) ?? ''
    expect(changed).not.toBe(row?.text)
    await owner.query(changed)

    const options = { seed: SEED, writers: 5, transactions: 20_000, stopOnWrong: true }
    const { wrong, counts } = await runTokenWorld(database, models, options)
    console.info(`${String(counts.transactions)} transactions: ${name}`)
    expect(wrong, `seed ${String(SEED)}`).not.toEqual([])
  })
}

async function createWorld(): Promise<{ database: TestDatabase; models: readonly InstalledModel[] }> {
  const database = await createTestDatabase(TOKEN_SCHEMA)
  const models = await installModels(await database.connect('owner'), COUNTING_MODELS)
  expect(models).toHaveLength(COUNTING_MODELS.length)
  await prepare(database, models)
  return { database, models }
}

/** However a transaction ended and whatever it wrote: when all is drained, nobody waits for its token for ever. */
async function expectAllPassed(
  database: TestDatabase,
  models: readonly InstalledModel[],
  { tokens }: TokenOutcome,
): Promise<void> {
  await drainAll(await database.connect('worker'), models)
  const [reader, owner] = [await database.connect('reader'), await database.connect('owner')]
  expect(tokens.length).toBeGreaterThan(TRANSACTIONS / 2)
  expect(
    await reader.query('select millrace.waiting_models($1::text[]) as waiting', [[...new Set(tokens)]]),
  ).toEqual([{ waiting: [] }])
  for (const { plan } of models) expect(await compareStored(owner, plan)).toEqual([])
}
