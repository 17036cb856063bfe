import { withClient } from '../database.ts'
import { removeReadModels } from '../read-models.ts'
import { dropTables, findTables } from '../tables.ts'
import { newCommand, runTask } from './command.ts'

newCommand(
  'db:down',
  'Removes the read models and the base tables, with all data and without a trace.',
).parse()

await runTask(async ({ databaseUrl, signal, say }) => {
  // Looked at first: a table "users" of somebody else's must not lose anything.
  const found = await withClient(databaseUrl, findTables)
  await removeReadModels({ url: databaseUrl, signal })
  say('read models: none left')
  signal.throwIfAborted()
  if (found.kind !== 'nothing') await withClient(databaseUrl, dropTables)
  say('tables: none left')
  return true
})
