import { driverType } from './driver-types.ts'
import { pascalCase } from './identifiers.ts'
import { elementOf, enumsOf, type ColumnType, type ModelType, type ValueType } from './value-type.ts'

/**
 * `view` blocks for a file of its own beside schema.prisma, in Prisma's folder of schema files; previewFeatures = ["views"]. `declared`:
 * names in the database of enums that other files of the schema declare, with what they call them.
 */
export function writePrisma(
  models: readonly ModelType[],
  { declared = new Map() }: { readonly declared?: ReadonlyMap<string, string> } = {},
): string {
  const isMultiSchema = models.some(({ model }) => model.schema !== 'public')
  const enums = enumsOf(models).filter(({ name }) => !declared.has(name.name))
  const views = models.flatMap((it) => [viewText(it, it.model.name), viewText(it, it.strict)])
  const schemaOf = (schema: string) => (isMultiSchema ? `\n  @@schema("${schema}")` : '')
  return [
    ...enums.map(
      (it) =>
        `enum ${pascalCase(it.name)} {\n${it.labels.map(labelText).join('\n')}\n\n  @@map(${JSON.stringify(it.name.name)})${schemaOf(it.name.schema)}\n}`,
    ),
    ...views,
  ].join('\n\n')

  function viewText({ model, key, columns }: ModelType, name: string): string {
    const [only = '', ...more] = key
    const isRequired = (column: string) => columns.find((it) => it.name === column)?.isNullable === false
    // What can be null is no unique field to Prisma that findUnique could ask for together with others.
    const unique =
      more.length > 0 && key.every(isRequired) ? [`@@unique([${key.map(fieldName).join(', ')}])`] : []
    const fields = columns.map((it) => fieldText(it, more.length === 0 && it.name === only, declared))
    const last = [
      ...unique,
      `@@map(${JSON.stringify(name)})`,
      ...(isMultiSchema ? [`@@schema("${model.schema}")`] : []),
    ]
    return `view ${pascalCase({ ...model, name })} {\n${fields.join('\n')}\n\n${last.map((it) => `  ${it}`).join('\n')}\n}`
  }
}

function fieldText(column: ColumnType, isUnique: boolean, declared: ReadonlyMap<string, string>): string {
  const name = fieldName(column.name)
  const [own, native] = prismaType(elementOf(column.type), declared)
  const isList = column.type.kind === 'array'
  const suffix = isList ? '[]' : column.isNullable ? '?' : ''
  const attributes = [
    ...(isUnique && !isList && !own.startsWith('Unsupported') ? ['@unique'] : []),
    ...(name === column.name ? [] : [`@map(${JSON.stringify(column.name)})`]),
    ...(native === undefined ? [] : [`@db.${native}`]),
  ]
  const field = `  ${[name, own + suffix, ...attributes].join(' ')}`
  // Prisma has one type for all of json; what stands behind /// is shown by editors and in its client.
  const isShown = column.type.kind === 'json' && column.type.content.kind !== 'unknown'
  return isShown ? `  /// ${driverType(column)}\n${field}` : field
}

/** Prisma's names begin with a letter and hold letters, digits and underscores of ASCII. */
function fieldName(column: string): string {
  const cleaned = column.replaceAll(/[^A-Za-z0-9_]/g, '_')
  return /^[A-Za-z]/.test(cleaned) ? cleaned : `f${cleaned}`
}

function labelText(label: string): string {
  const name = fieldName(label)
  return name === label ? `  ${name}` : `  ${name} @map(${JSON.stringify(label)})`
}

function prismaType(
  type: ValueType,
  declared: ReadonlyMap<string, string>,
): readonly [own: string, native?: string] {
  if (type.kind === 'enum') return [declared.get(type.name.name) ?? pascalCase(type.name)]
  if (type.kind === 'base' || type.kind === 'json')
    return SCALARS[type.name] ?? [`Unsupported("${type.name}")`]
  return [`Unsupported("${type.kind === 'other' ? type.name.name : 'text'}")`]
}

const SCALARS: Readonly<Record<string, readonly [own: string, native?: string]>> = {
  bool: ['Boolean'],
  int2: ['Int', 'SmallInt'],
  int4: ['Int'],
  int8: ['BigInt'],
  oid: ['Int', 'Oid'],
  float4: ['Float', 'Real'],
  float8: ['Float'],
  numeric: ['Decimal'],
  money: ['Decimal', 'Money'],
  text: ['String'],
  varchar: ['String', 'VarChar'],
  bpchar: ['String', 'Char'],
  uuid: ['String', 'Uuid'],
  xml: ['String', 'Xml'],
  inet: ['String', 'Inet'],
  bit: ['String', 'Bit'],
  varbit: ['String', 'VarBit'],
  date: ['DateTime', 'Date'],
  time: ['DateTime', 'Time'],
  timetz: ['DateTime', 'Timetz'],
  timestamp: ['DateTime', 'Timestamp'],
  timestamptz: ['DateTime', 'Timestamptz'],
  json: ['Json', 'Json'],
  jsonb: ['Json'],
  bytea: ['Bytes'],
}
