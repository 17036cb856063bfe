import { withConnection, type Client } from '../../src/pg/client.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { installModels, type TestModel } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'

/** One for each schema and models, for all files; they go with the server. */
const originals = new Map<string, Promise<string>>()

/** A database in which the models are installed and filled: a copy of the first such one, which costs a fifth. */
export async function createInstalledCopy(
  schema: string,
  models: readonly TestModel[],
): Promise<TestDatabase> {
  const kind = JSON.stringify([schema, models])
  const original = originals.get(kind) ?? createOriginal(schema, models)
  originals.set(kind, original)

  const database = await createTestDatabase('', { template: await original })
  await withConnection({ url: database.url('owner') }, async (owner) => {
    // Snapshots mean the same in all databases of one server, so the copy may call the watermarks its own.
    await owner.query('update millrace.watermark set cluster = millrace.cluster()')
  })
  return database
}

async function createOriginal(schema: string, models: readonly TestModel[]): Promise<string> {
  const database = await createTestDatabase(schema, { isKept: true })
  await withConnection({ url: database.url('owner') }, async (owner) => {
    await grantStrictReads(owner, await installModels(owner, models))
  })
  return database.name
}

/** The application's own sessions read strictly too, in the middle of their transactions. */
export async function grantStrictReads(owner: Client, models: readonly InstalledModel[]): Promise<void> {
  await owner.query(`grant execute on function millrace.cluster() to ${ROLES.writer}`)
  for (const { plan, state } of models) {
    // Strict reads are exact while a model is being filled, too; readers have no name for them yet.
    if (state !== 'ready') for (const statement of plan.install.expose) await owner.query(statement)
    await owner.query(
      `grant select on "${plan.strictView.schema}"."${plan.strictView.name}" to ${ROLES.writer}`,
    )
  }
}
