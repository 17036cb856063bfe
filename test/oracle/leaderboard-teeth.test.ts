import { expect, test } from 'vitest'
import { compileModel, type CompiledModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import type { Client } from '../../src/pg/client.ts'
import { isDatabaseError } from '../../src/pg/errors.ts'
import { readModels } from '../../src/work/model.ts'
import { createTestDatabase } from '../support/database.ts'
import { definitionOf } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'
import { SEED, turnOf } from '../support/seed.ts'
import { BOARDS, SCHEMA } from './leaderboard/boards.ts'
import { runRankWorld } from './leaderboard/world.ts'

/** In `npm test` a few of the faults take their turn; MILLRACE_RANK_FAULTS=all tries each. */
const AT_ONCE = process.env['MILLRACE_RANK_FAULTS'] === 'all' ? Number.POSITIVE_INFINITY : 1

interface Fault {
  readonly name: string
  readonly board: string
  readonly from: RegExp
  readonly to: string
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a row that changes its score is counted where it was',
    board: 'builders',
    from: /having sum\(c\.rows\) <> 0\n?\)\)/,
    to: 'having false))',
  },
  {
    name: 'the first leaf does not reach down to a new first row',
    board: 'builders',
    from: /with recursive lowest[^]*?where e\.id = lowered\.id;/,
    to: '',
  },
  {
    name: 'what stands above the first leaf does not reach down with it',
    board: 'builders',
    from: /join (\S+) as e on e\.id = lowered\.parent/,
    to: 'join $1 as e on false',
  },
  {
    // All of them would make it split again at each look, and everything above it with it.
    name: 'the children of one part stay with the entry that was split',
    board: 'builders',
    from: /where p\.n > 0 and e\.id = m\.id/,
    to: 'where p.n > 1 and e.id = m.id',
  },
  {
    name: 'rows of a leaf that is merged are forgotten',
    board: 'builders',
    from: /set rows = e\.rows \+ entry\.rows/,
    to: 'set rows = e.rows',
  },
  {
    name: 'an entry goes on to stand where its first child was',
    board: 'builders',
    from: /where e\.id = entry_id and \(/,
    to: 'where false and (',
  },
  {
    name: 'counts above a leaf are not kept',
    board: 'builders',
    from: /where parent is not null\n\s+group by parent/,
    to: 'where false group by parent',
  },
  {
    name: 'nulls among the ties are left out',
    board: 'ratings',
    from: /as s where "s"\."rating" is not null/,
    to: 'as s where "s"."rating" is not null and "s"."joined" is not null',
  },
]

test.each(turnOf(FAULTS, AT_ONCE))('found: $name', async (fault) => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  await install(owner, [await compileWith(fault, owner)], {
    roles: { worker: ROLES.worker, reader: ROLES.reader },
  })
  const options = { seed: SEED, operations: 1_500, stopOnDifference: true }
  const found = await firstFound(database, await readModels(owner), options)
  console.info(String(found))
  expect(found, `seed ${String(SEED)}`).toBeDefined()
})

test('every fault changes something, whichever are tried', async () => {
  const database = await createTestDatabase(SCHEMA)
  const owner = await database.connect('owner')
  for (const fault of FAULTS) await compileWith(fault, owner)
})

async function compileWith({ name, board, from, to }: Fault, owner: Client): Promise<CompiledModel> {
  const definition = BOARDS.find((it) => it.name === board)
  if (definition === undefined) throw new Error(`no leaderboard ${board}`)
  const { plan, ...compiled } = await compileModel(owner, definitionOf(definition))
  const up = plan.install.up.map((text) => text.replace(from, to))
  expect(up, `${name}: the fault changes something`).not.toEqual(plan.install.up)
  return { ...compiled, plan: { ...plan, install: { ...plan.install, up } } }
}

/** Counts that are wrong enough cannot be used: "LIMIT must not be negative". Other errors are no answer. */
const UNUSABLE_COUNT = '2201W'

/** The question that was answered wrongly, or what the server said of a count. */
async function firstFound(...world: Parameters<typeof runRankWorld>): Promise<string | undefined> {
  try {
    const { differences } = await runRankWorld(...world)
    return differences[0]?.question
  } catch (error) {
    if (isDatabaseError(error) && error.code === UNUSABLE_COUNT) return error.message
    throw error
  }
}
