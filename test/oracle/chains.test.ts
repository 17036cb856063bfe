import { expect, test } from 'vitest'
import type { Client } from '../../src/pg/client.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { SEED, turnOf } from '../support/seed.ts'
import { CHAINS } from './chains.ts'
import { replace, type Edit } from './faults/fault.ts'
import { useAllSlots } from './faults/switch-on.ts'
import { SCHEMA } from './tables.ts'
import { runWorld, type Outcome } from './world.ts'

const OPERATIONS = Number(process.env['MILLRACE_CHAIN_OPERATIONS'] ?? 600)

test(
  `models that read models are exact at every level, over ${String(OPERATIONS)} operations`,
  { timeout: 0 },
  async () => {
    const { differences, rowsChanged, ...counts } = await run({ operations: OPERATIONS })
    console.info(JSON.stringify({ ...counts, coverage: undefined }))
    expect(differences.slice(0, 5)).toEqual([])
    const drained = CHAINS.filter(({ freshness }) => freshness !== 'immediate')
    for (const { name } of drained)
      expect(rowsChanged.get(name), `rows changed in ${name}`).toBeGreaterThan(0)
    expect(Math.min(counts.drainChecks, counts.strictChecks)).toBeGreaterThan(0)
  },
)

interface Run {
  readonly operations: number
  readonly stopOnDifference?: boolean
  /** A fault in the strict reads. */
  readonly edit?: Edit
}

async function run({ operations, stopOnDifference = false, edit }: Run): Promise<Outcome> {
  const database = await createTestDatabase(SCHEMA)
  try {
    const owner = await database.connect('owner')
    const models = await installModels(owner, CHAINS)
    expect(models).toHaveLength(CHAINS.length)
    await useAllSlots(owner, models)
    if (edit !== undefined) await editStrict(owner, models, edit)
    return await runWorld(database, models, {
      seed: SEED,
      // Fewer writers leave more time for drains between their changes.
      sessions: 2,
      operations,
      rebuildOnceIn: 60,
      stopOnDifference,
    })
  } finally {
    await database.drop()
  }
}

/** Makes the strict views and pages anew in which the edit changes something. */
async function editStrict(owner: Client, models: readonly InstalledModel[], edit: Edit): Promise<void> {
  const statements = models.flatMap(({ plan }) => plan.install.expose)
  const changed = statements.filter((it) => edit(it) !== it)
  expect(changed.length, 'statements that the fault changes').toBeGreaterThan(0)
  for (const statement of changed) await owner.query(edit(statement))
}

const FAULTS: readonly { readonly name: string; readonly edit: Edit }[] = [
  {
    name: 'what a lower model is ahead is not followed to units',
    edit: replace(/union all\s+select '+[DI]'+, -1, null, .*? from [^\n]*/g, ''),
  },
  {
    name: 'the rows that a lower model has yet to delete are not followed',
    edit: replace(/union all\s+select '+D'+, -1, null, .*? from [^\n]*/g, ''),
  },
  {
    name: 'the rows that a lower model has yet to write are not followed',
    edit: replace(/union all\s+select '+I'+, -1, null, .*? from [^\n]*/g, ''),
  },
  {
    name: 'a lower model is read as it is stored',
    edit: replace(/ahead\.millrace_is_live\s+OR NOT \(/g, 'NOT ahead.millrace_is_live OR false AND NOT ('),
  },
  {
    name: 'stored rows of a lower model count beside those that replace them',
    edit: replace(/ahead\.millrace_is_live\s+OR NOT \(/g, 'true OR NOT ('),
  },
  {
    name: 'whether a lower model can be believed is not asked',
    edit: replace(/\n +and \(select is_trusted from "\w+_trust"\)/g, ''),
  },
]

test('every fault changes something, whichever are tried', async () => {
  const database = await createTestDatabase(SCHEMA)
  const models = await installModels(await database.connect('owner'), CHAINS)
  const statements = models.flatMap(({ plan }) => plan.install.expose)
  for (const { name, edit } of FAULTS) expect(statements.map(edit), name).not.toEqual(statements)
})

/** The short size tries one of them. */
const TRIED = Number(process.env['MILLRACE_FAULTS'] ?? 1)

for (const { name, edit } of turnOf(FAULTS, TRIED)) {
  test(`found: ${name}`, async () => {
    const { differences } = await run({ operations: 20_000, stopOnDifference: true, edit })
    const [first] = differences
    console.info(`${String(first?.after)} operations, ${String(first?.check)}: ${name}`)
    expect(first, `seed ${String(SEED)}`).toBeDefined()
  })
}
