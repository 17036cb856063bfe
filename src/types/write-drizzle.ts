import { camelCase, member, quoted } from './identifiers.ts'
import { jsonText, type JsonType } from './json-type.ts'
import { elementOf, enumsOf, type ColumnType, type ModelType, type ValueType } from './value-type.ts'

/** Views that exist, for Drizzle 0.45 and 1.0. A bigint is one of JavaScript, a numeric is text: nothing is rounded. */
export function writeDrizzle(models: readonly ModelType[]): string {
  const enums = enumsOf(models)
  const schemas = [
    ...new Set(
      [...models.map(({ model }) => model), ...enums.map(({ name }) => name)].map(({ schema }) => schema),
    ),
  ].filter((it) => it !== 'public')
  const parts = [
    ...schemas.map((it) => `export const ${schemaConstant(it)} = pgSchema(${quoted(it)})`),
    ...enums.map(enumText),
    ...models.map(viewText),
  ]
  const text = parts.join('\n\n')
  const used = IMPORTS.filter(
    (it) => new RegExp(String.raw`\b(?<!\.)${it}\(`).test(text) || text.includes(`${it}<`),
  )
  return `import { ${used.join(', ')} } from 'drizzle-orm/pg-core'\n\n${text}`
}

function schemaConstant(schema: string): string {
  return `${camelCase({ schema: 'public', name: schema })}Schema`
}

function enumText({ name, labels }: ReturnType<typeof enumsOf>[number]): string {
  const make = name.schema === 'public' ? 'pgEnum' : `${schemaConstant(name.schema)}.enum`
  return `export const ${camelCase(name)}Enum = ${make}(${quoted(name.name)}, [${labels.map(quoted).join(', ')}])`
}

function viewText({ model, strict, key, columns }: ModelType): string {
  const fields = columns.map((it) => `  ${member(it.name)}: ${columnText(it)},`).join('\n')
  const make = model.schema === 'public' ? 'pgView' : `${schemaConstant(model.schema)}.view`
  const own = camelCase(model)
  return `const ${own}Columns = () => ({
${fields}
})

/** ${model.schema}.${model.name}, by ${key.join(', ')}. */
export const ${own} = ${make}(${quoted(model.name)}, ${own}Columns()).existing()

/** The same, exact at the moment of the read. */
export const ${own}Strict = ${make}(${quoted(strict)}, ${own}Columns()).existing()`
}

function columnText({ name, type, isNullable }: ColumnType): string {
  const dimensions = depthOf(type)
  return `${builderOf(elementOf(type), name)}${'.array()'.repeat(dimensions)}${isNullable ? '' : '.notNull()'}`
}

function depthOf(type: ValueType): number {
  return type.kind === 'array' ? 1 + depthOf(type.of) : 0
}

function builderOf(type: ValueType, column: string): string {
  const name = quoted(column)
  switch (type.kind) {
    case 'enum':
      return `${camelCase(type.name)}Enum(${name})`
    case 'json':
      return `${type.name}(${name})${contentText(type.content)}`
    case 'base':
      return BUILDERS[type.name]?.(name) ?? custom(type.name, 'string', name)
    case 'array':
    case 'other':
      return custom(type.kind === 'other' ? type.name.name : 'text', 'string', name)
  }
}

/** What Drizzle says of json where nothing is said: unknown. */
function contentText(content: JsonType): string {
  return content.kind === 'unknown' ? '' : `.$type<${jsonText({ type: content, isNullable: false })}>()`
}

function custom(type: string, data: string, name: string): string {
  return `customType<{ data: ${data} }>({ dataType: () => ${quoted(type)} })(${name})`
}

const simple = (builder: string) => (name: string) => `${builder}(${name})`
const options = (builder: string, text: string) => (name: string) => `${builder}(${name}, ${text})`

const BUILDERS: Readonly<Record<string, (name: string) => string>> = {
  bool: simple('boolean'),
  int2: simple('smallint'),
  int4: simple('integer'),
  int8: options('bigint', `{ mode: 'bigint' }`),
  float4: simple('real'),
  float8: simple('doublePrecision'),
  numeric: simple('numeric'),
  text: simple('text'),
  varchar: simple('varchar'),
  bpchar: simple('char'),
  uuid: simple('uuid'),
  date: options('date', `{ mode: 'string' }`),
  time: simple('time'),
  timetz: options('time', '{ withTimezone: true }'),
  timestamp: simple('timestamp'),
  timestamptz: options('timestamp', '{ withTimezone: true }'),
  interval: simple('interval'),
  inet: simple('inet'),
  cidr: simple('cidr'),
  macaddr: simple('macaddr'),
  bytea: (name) => custom('bytea', 'Buffer', name),
}

const IMPORTS = [
  'bigint',
  'boolean',
  'char',
  'cidr',
  'customType',
  'date',
  'doublePrecision',
  'inet',
  'integer',
  'interval',
  'json',
  'jsonb',
  'macaddr',
  'numeric',
  'pgEnum',
  'pgSchema',
  'pgView',
  'real',
  'smallint',
  'text',
  'time',
  'timestamp',
  'uuid',
  'varchar',
]
