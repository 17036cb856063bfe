import { driverType } from './driver-types.ts'
import { camelCase, member, pascalCase, quoted } from './identifiers.ts'
import type { ModelType } from './value-type.ts'

/** Types of rows as `pg` returns them, and what `createClient` needs to read them without the declarations. */
export function writeTypeScript(models: readonly ModelType[]): string {
  return [`import type { ModelReference } from 'millrace/client'`, ...models.map(modelText)].join('\n\n')
}

function modelText(it: ModelType): string {
  const row = pascalCase(it.model)
  const type = `ModelReference<${row}, ${keyText(it)}>`
  const ranked =
    it.within === null ? '' : ` & { readonly leaderboard: NonNullable<ModelReference['leaderboard']> }`
  return `${rowText(it)}

export const ${camelCase(it.model)}: ${type}${ranked} = {
  kind: 'readModel',
  schema: ${quoted(it.model.schema)},
  name: ${quoted(it.model.name)},
  key: ${keyText(it)},
  freshness: ${freshnessText(it)},${
    it.within === null
      ? ''
      : `
  leaderboard: { within: [${it.within.map(listText).join(', ')}] },`
  }
}`
}

/** The type of a row. */
function rowText({ model, key, columns }: ModelType): string {
  const members = columns.map((it) => `  readonly ${member(it.name)}: ${driverType(it)}`)
  return `/** ${model.schema}.${model.name}, by ${key.join(', ')}. */
export interface ${pascalCase(model)} {
${members.join('\n')}
}`
}

function keyText({ key }: ModelType): string {
  const [only = '', ...more] = key
  return more.length === 0 ? quoted(only) : listText(key)
}

function listText(names: readonly string[]): string {
  return `[${names.map(quoted).join(', ')}]`
}

function freshnessText({ freshness }: ModelType): string {
  return typeof freshness === 'string' ? quoted(freshness) : `{ every: ${quoted(freshness.every)} }`
}
