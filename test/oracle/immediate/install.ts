import { compileModel, type CompiledModel } from '../../../src/migrate/compile-model.ts'
import { install } from '../../../src/migrate/install.ts'
import { readerGrants } from '../../../src/migrate/roles.sql.ts'
import type { Client } from '../../../src/pg/client.ts'
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

  await lockTablesEarly(owner)
  const models = await readModels(owner)
  await prepare(database, models)
  for (const { plan } of models) {
    for (const grant of readerGrants(plan, ROLES.worker)) await owner.query(grant)
  }
  return models.map((it) => ({ ...it, immediate: immediate.find(({ name }) => name === it.name) }))
}

/**
 * Above a thousand units a writer locks the whole model. Nobody writes so much here, so that in every other model six are
 * enough.
 */
async function lockTablesEarly(owner: Client): Promise<void> {
  const functions = await owner.query<{ text: string }>(
    `select pg_get_functiondef(oid) as text
     from pg_proc
     where pronamespace = 'millrace'::regnamespace and proname like 'apply\\_%\\_v1'
     order by proname`,
  )
  for (const { text } of functions.filter((_, i) => i % 2 === 0)) {
    const early = text.replace(/> 1000 into/, '> 6 into').replace(/limit 1001/, 'limit 7')
    if (early === text) throw new Error(`no limit in:\n${text}`)
    await owner.query(early)
  }
}
