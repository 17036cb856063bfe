import { withClient } from '../database.ts'
import { installReadModels } from '../read-models.ts'
import { createTables, findOwnTables } from '../tables.ts'
import { newCommand, runTask } from './command.ts'

newCommand(
  'db:up',
  'Makes the base tables and installs the read models. What is there already stays.',
).parse()

await runTask(async ({ databaseUrl, signal, say, progress }) => {
  const made = await withClient(databaseUrl, async (client) => {
    if ((await findOwnTables(client)).kind !== 'nothing') return false
    await createTables(client)
    return true
  })
  say(made ? 'tables: made' : 'tables: there already')
  signal.throwIfAborted()
  await installReadModels({
    url: databaseUrl,
    signal,
    onBackfill: ({ name }, done, total) => {
      progress(name, done, total)
    },
  })
  say('read models: installed')
  return true
})
