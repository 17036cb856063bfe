import { driverType } from './driver-types.ts'
import { member, pascalCase } from './identifiers.ts'
import type { ModelType } from './value-type.ts'

/**
 * Tables for Kysely's interface of the database: `interface Database extends ReadModels`. They can be selected from, and not written.
 * The strict views stand beside them.
 */
export function writeKysely(models: readonly ModelType[]): string {
  const tables = models.flatMap((it) => {
    const { schema, name } = it.model
    const prefix = schema === 'public' ? '' : `${schema}.`
    return [name, it.strict].map((table) => `  ${member(prefix + table)}: ${pascalCase(it.model)}Table`)
  })
  return [
    `import type { ColumnType } from 'kysely'`,
    ...models.map(tableText),
    `export interface ReadModels {\n${tables.join('\n')}\n}`,
  ].join('\n\n')
}

function tableText({ model, key, columns }: ModelType): string {
  const members = columns.map((it) => `  ${member(it.name)}: ColumnType<${driverType(it)}, never, never>`)
  return `/** ${model.schema}.${model.name}, by ${key.join(', ')}. */
export interface ${pascalCase(model)}Table {
${members.join('\n')}
}`
}
