import { Argument, InvalidArgumentError } from 'commander'
import { withClient } from '../database.ts'
import { currentPhase, migrateDown, migrateUp } from '../migrate.ts'
import { PHASES } from '../phases.ts'
import { createTables, findOwnTables } from '../tables.ts'
import { newCommand, runTask } from './command.ts'

const command = newCommand(
  'db:migrate',
  'Carries out the phases of the plan on tables with data, or takes them back; others read and write meanwhile.',
)
  .addArgument(new Argument('<direction>', 'which way').choices(['up', 'down']))
  .option('--to <phase>', `after it there are so many phases, 0 to ${String(PHASES.length)}`, phaseNumber)
  .addHelpText('after', '  DATABASE_URL=postgresql://localhost/builders npm run db:migrate -- up --to 2')
  .parse()
const [direction] = command.processedArgs as ['up' | 'down']
const { to } = command.opts<{ readonly to?: number }>()

await runTask(async ({ databaseUrl, signal, say }) => {
  await withClient(databaseUrl, async (client) => {
    if ((await findOwnTables(client)).kind !== 'nothing') return
    if (direction === 'down') throw new Error('there are no tables: run db:up or db:migrate up first')
    await createTables(client, { withIndexes: false })
    say('tables: made')
  })
  const options = {
    url: databaseUrl,
    signal,
    onPhase: ({ name }: { readonly name: string }, number: number) => {
      say(`${direction}  phase ${String(number)}: ${name}`)
    },
  }
  if (direction === 'up') await migrateUp(to ?? PHASES.length, options)
  else await migrateDown(to ?? 0, options)
  say(`phases: ${String(await currentPhase(databaseUrl))} of ${String(PHASES.length)}`)
  return true
})

function phaseNumber(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= PHASES.length) return number
  throw new InvalidArgumentError(`There are ${String(PHASES.length)} phases.`)
}
