import { drainOnce } from 'millrace'
import type pg from 'pg'
import { givePasswords } from '../accounts.ts'
import { withClient } from '../database.ts'
import { sizesProblem, type Scale, type Sizes } from '../sizes.ts'
import { fillTables, findOwnTables } from '../tables.ts'
import { newCommand, runTask } from './command.ts'
import { addSizeOptions, sizesOf } from './sizes-option.ts'
import { wholeNumber } from './whole-number.ts'

const command = newCommand(
  'db:seed',
  'Fills the tables that db:up made. The same seed and sizes, the same rows.',
)
command.option('--seed <n>', 'the seed of all that is random', wholeNumber(0, 1_000_000), 1)
command.option('--password <text>', 'lets everybody sign in by it; nobody can otherwise')
const { seed, password, ...given } = addSizeOptions(command)
  .parse()
  .opts<{ readonly seed: number; readonly password?: string; readonly scale: Scale } & Partial<Sizes>>()

await runTask(async ({ databaseUrl, signal, say, progress }) => {
  const sizes = sizesOf(given)
  const problem = sizesProblem(sizes)
  if (problem !== undefined) throw new Error(problem)

  await withClient(databaseUrl, async (client) => {
    const found = await findOwnTables(client)
    if (found.kind === 'nothing') throw new Error('there are no tables to fill: run db:up first')
    if (found.kind === 'filled') throw new Error('the tables are filled already: run db:down and db:up first')
    await fillTables(client, { seed, sizes, onProgress: progress, signal })
    if (password !== undefined) await givePasswords(client, password)
  })
  say(`tables: filled (seed ${String(seed)})`)
  if (!(await withClient(databaseUrl, hasReadModels))) {
    say('read models: none yet')
    return true
  }
  say('read models: following')
  const { units } = await drainOnce({ database: databaseUrl }, { signal })
  signal.throwIfAborted()
  say(`read models: up to date (${units.toLocaleString('en-US')} keys)`)
  return true
})

/** Tables without any are those of a community before the plan: `db:migrate up --to 0`. */
async function hasReadModels(client: pg.Client): Promise<boolean> {
  return (await client.query(`select where to_regnamespace('millrace') is not null`)).rowCount === 1
}
