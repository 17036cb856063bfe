import { withConnection, type Client } from '../../src/pg/client.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { createCopiedDatabase } from '../support/copied-database.ts'
import type { TestDatabase } from '../support/database.ts'
import { installModels, type TestModel } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'

/** A database in which the models are installed and filled: a copy, which costs a fifth. */
export async function createInstalledCopy(
  schema: string,
  models: readonly TestModel[],
): Promise<TestDatabase> {
  return await createCopiedDatabase([schema, models], async (original) => {
    await withConnection({ url: original.url('application') }, async (application) => {
      await application.query(schema)
    })
    await withConnection({ url: original.url('owner') }, async (owner) => {
      await grantStrictReads(owner, await installModels(owner, models))
    })
  })
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
