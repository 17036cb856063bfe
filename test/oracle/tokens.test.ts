import { expect, test } from 'vitest'
import { qualified } from '../../src/sql/sql.ts'
import type { Client } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { compareStored } from './compare.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { SEED, turnOf } from '../support/seed.ts'
import { prepare } from './prepare.ts'
import { COUNTING_CHAINS, COUNTING_MODELS, TOKEN_SCHEMA, type CountingModel } from './token-tables.ts'
import { runTokenWorld, type TokenOutcome } from './token-world.ts'

const TRANSACTIONS = Number(process.env['MILLRACE_TOKEN_TRANSACTIONS'] ?? 500)

test(
  `what a token has passed is to be read, over ${String(TRANSACTIONS)} transactions`,
  { timeout: 0 },
  async () => {
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

const CHAIN_TRANSACTIONS = Number(process.env['MILLRACE_TOKEN_TRANSACTIONS'] ?? 30)

test(
  `of models that read others too, over ${String(CHAIN_TRANSACTIONS)} transactions`,
  { timeout: 0 },
  async () => {
    const { database, models } = await createWorld(COUNTING_CHAINS)
    const outcome = await runTokenWorld(database, models, {
      seed: SEED,
      writers: 5,
      transactions: CHAIN_TRANSACTIONS,
      counting: COUNTING_CHAINS,
    })
    console.info(JSON.stringify(outcome.counts))
    expect(outcome.wrong.slice(0, 5)).toEqual([])
    const { waits, notYetPassed, spills, rotations } = outcome.counts
    expect(Math.min(waits, notYetPassed, spills, rotations)).toBeGreaterThan(0)
    await expectAllPassed(database, models, outcome, CHAIN_TRANSACTIONS)
  },
)

/** Ways to answer wrongly, each a part of the rule left out; `part` is in the function's text. */
const FAULTS = [
  {
    name: 'units that wait are not looked for',
    part: 'where retry_at is null',
    instead: 'where false',
    place: 'millrace.has_drained(text, xid8[])',
  },
  {
    name: 'the sentinels are not counted',
    part: /and count\(\*\) filter \(where q\.xid = '0'\) = \(select count\(\*\) from pg_inherits where inhparent = %3\$L::regclass\)/,
    instead: 'and %3$L is not null',
    place: 'millrace.let_ask(regclass)',
  },
  {
    name: 'the queues are not looked at',
    part: `where q.xid = any (transactions || '0'::xid8)`,
    instead: `where q.xid = any (transactions || '0'::xid8) and q.xid = '0'::xid8`,
    place: 'millrace.let_ask(regclass)',
  },
  {
    name: 'whether the transaction has ended is asked of the server and not of the snapshot',
    part: 'else pg_visible_in_snapshot(transaction, snapshot) end',
    instead: 'else true end',
    place: 'millrace.transaction_status(xid8)',
  },
]

/** Of models that read others, with what they are to be found in. */
const CHAIN_FAULTS = [
  {
    name: 'what has come up from the models below is not asked',
    part: `jsonb_array_elements(model.plan -> 'models') as it loop`,
    instead: `jsonb_array_elements(model.plan -> 'models') as it where false loop`,
    place: 'millrace.contains(millrace.model, millrace.watermark, xid8)',
  },
  {
    name: 'what a lower model has drained is taken for drained by the upper one',
    part: 'and (pg_visible_in_snapshot(w.xid, seen) or (is_seen and (waiting is null or w.xid < waiting)))',
    instead: '',
    place: 'millrace.contains(millrace.model, millrace.watermark, xid8)',
  },
  {
    name: 'units that wait in a lower model are not looked for',
    part: 'if not is_refreshed and not mark.is_complete then',
    instead: 'if false then',
    place: 'millrace.contains(millrace.model, millrace.watermark, xid8)',
  },
]
/** The short size tries one of them. */
const TRIED = Number(process.env['MILLRACE_FAULTS'] ?? 1)

for (const { name, part, instead, place, counting } of [
  ...FAULTS.map((it) => ({ ...it, counting: COUNTING_MODELS })),
  ...turnOf(CHAIN_FAULTS, TRIED).map((it) => ({ ...it, counting: COUNTING_CHAINS })),
]) {
  test(`found: ${name}`, async () => {
    const { database, models } = await createWorld(counting)
    const owner = await database.connect('owner')
    await owner.query(await changedFunction(owner, { place, part, instead }))
    for (const { queue } of models.flatMap(({ plan }) => plan.sources))
      await owner.query('select millrace.let_ask($1::regclass)', [qualified(queue).text])

    const options = { seed: SEED, writers: 5, transactions: 20_000, counting, stopOnWrong: true }
    const { wrong, counts } = await runTokenWorld(database, models, options)
    console.info(`${String(counts.transactions)} transactions: ${name}`)
    expect(wrong, `seed ${String(SEED)}`).not.toEqual([])
  })
}

test('every fault changes something, whichever are tried', async () => {
  const database = await createTestDatabase(TOKEN_SCHEMA)
  const owner = await database.connect('owner')
  await installModels(owner, COUNTING_MODELS)
  for (const fault of CHAIN_FAULTS) await changedFunction(owner, fault)
})

interface FunctionFault {
  readonly place: string
  readonly part: string | RegExp
  readonly instead: string
}

async function changedFunction(owner: Client, { place, part, instead }: FunctionFault): Promise<string> {
  const [row] = await owner.query<{ text: string }>('select pg_get_functiondef($1::regprocedure) as text', [
    place,
  ])
  const changed = row?.text.replace(part, instead) ?? ''
  expect(changed, `what the fault makes of ${place}`).not.toBe(row?.text)
  return changed
}

async function createWorld(
  counting: readonly CountingModel[] = COUNTING_MODELS,
): Promise<{ database: TestDatabase; models: readonly InstalledModel[] }> {
  const database = await createTestDatabase(TOKEN_SCHEMA)
  const models = await installModels(await database.connect('owner'), counting)
  expect(models).toHaveLength(counting.length)
  await prepare(database, models)
  return { database, models }
}

/** However a transaction ended and whatever it wrote: when all is drained, nobody waits for its token for ever. */
async function expectAllPassed(
  database: TestDatabase,
  models: readonly InstalledModel[],
  { tokens }: TokenOutcome,
  transactions = TRANSACTIONS,
): Promise<void> {
  await drainAll(await database.connect('worker'), models)
  const [reader, owner] = [await database.connect('reader'), await database.connect('owner')]
  expect(tokens.length).toBeGreaterThan(transactions / 2)
  expect(
    await reader.query('select millrace.waiting_models($1::text[]) as waiting', [[...new Set(tokens)]]),
  ).toEqual([{ waiting: [] }])
  for (const { plan } of models) expect(await compareStored(owner, plan)).toEqual([])
}
