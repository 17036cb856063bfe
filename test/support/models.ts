import { compileDeclared } from '../../src/migrate/compile-declared.ts'
import type { ModelDefinition } from '../../src/migrate/compile-model.ts'
import { install, type InstallOptions } from '../../src/migrate/install.ts'
import type { Client } from '../../src/pg/client.ts'
import { readModels, type InstalledModel } from '../../src/work/model.ts'
import { ROLES } from './roles.ts'

export interface TestModel {
  readonly name: string
  readonly key: string | readonly string[]
  readonly query: string
  readonly freshness?: ModelDefinition['freshness']
  readonly onError?: ModelDefinition['onError']
  readonly order?: ModelDefinition['order']
  readonly pace?: ModelDefinition['pace']
  readonly settings?: ModelDefinition['settings']
  readonly readableBy?: ModelDefinition['readableBy']
  readonly leaderboard?: ModelDefinition['leaderboard']
  readonly dependsOn?: ModelDefinition['dependsOn']
  readonly indexes?: ModelDefinition['indexes']
}

export function definitionOf({ name, key, ...rest }: TestModel): ModelDefinition {
  return { schema: 'public', name, key: typeof key === 'string' ? [key] : key, indexes: [], ...rest }
}

/** Compiles and installs read models under the test roles. `owner` is connected as Millrace's owner. */
export async function installModels(
  owner: Client,
  models: readonly TestModel[],
  options: Pick<InstallOptions, 'retry'> = {},
): Promise<readonly InstalledModel[]> {
  const { models: compiled } = await compileDeclared(owner, {
    models: models.map(definitionOf),
    refreshed: [],
    jobs: [],
  })
  await install(owner, compiled, { ...options, roles: { worker: ROLES.worker, reader: ROLES.reader } })
  return await readModels(owner)
}
