import { compileModel, type CompiledModel } from '../../../src/migrate/compile-model.ts'
import { install } from '../../../src/migrate/install.ts'
import { readerGrants } from '../../../src/migrate/roles.sql.ts'
import { readModels } from '../../../src/work/model.ts'
import type { TestDatabase } from '../../support/database.ts'
import { definitionOf } from '../../support/models.ts'
import { ROLES } from '../../support/roles.ts'
import { MODELS } from '../models.ts'
import { prepare } from '../prepare.ts'
import type { ImmediateModel } from './models.ts'
import type { Checked } from './reads.ts'

/** Installs immediate models and, by name, eventual ones of the same tables. */
export async function installBoth(
  database: TestDatabase,
  immediate: readonly ImmediateModel[],
  eventual: readonly string[],
): Promise<readonly Checked[]> {
  const owner = await database.connect('owner')
  const compiled: CompiledModel[] = []
  for (const model of immediate) {
    const definition = { ...definitionOf(model), freshness: model.freshness, onError: model.onError }
    compiled.push(await compileModel(owner, definition))
  }
  for (const model of MODELS.filter(({ name }) => eventual.includes(name)))
    compiled.push(await compileModel(owner, definitionOf(model)))
  await install(owner, compiled, { roles: { worker: ROLES.worker, reader: ROLES.reader } })

  const models = await readModels(owner)
  await prepare(database, models)
  for (const { plan } of models) {
    for (const grant of readerGrants(plan, ROLES.worker)) await owner.query(grant)
  }
  return models.map((it) => ({ ...it, immediate: immediate.find(({ name }) => name === it.name) }))
}
