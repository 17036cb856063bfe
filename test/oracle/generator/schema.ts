import { ident } from '../../../src/sql/sql.ts'
import type { Random } from '../random.ts'
import { TYPE_STATEMENTS, TYPES, writtenValueOf, type ValueType } from './value-types.ts'

export interface Column {
  readonly name: string
  readonly type: ValueType
  /** As it is declared: `varchar(12)`. */
  readonly declared: string
  readonly isNullable: boolean
  /** The expression of a generated column. */
  readonly generated: string | null
  /** Whose rows its values name: columns with one role are those that queries join by. */
  readonly role: string | null
  /** The same of two columns together. */
  readonly pair?: Pair
}

/** Two columns that name rows of one table: this is the first or the second of them. */
export interface Pair {
  readonly of: string
  readonly at: number
}

export interface ForeignKey {
  readonly columns: readonly string[]
  readonly parent: Pick<Table, 'schema' | 'name' | 'key'>
  readonly actions: string
}

export interface Table {
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  readonly foreignKeys: readonly ForeignKey[]
  /** Bare names, in the table's own schema; none where it is an ordinary table. */
  readonly partitions: readonly string[]
}

/** The tables of one database. */
export interface Schema {
  readonly tables: readonly Table[]
  /** Run by the owner of the application's tables. */
  readonly statements: readonly string[]
}

export const ODD_SCHEMA = 'Odd "Schema"'

const TABLE_NAMES = [
  'users',
  'projects',
  'votes',
  'userRoles',
  'tab le',
  'Order',
  'größe',
  'from',
  'queue',
  'batch',
  'new_rows',
]
const COLUMN_NAMES = [
  'name',
  'title',
  'sortKey',
  'n',
  'Group',
  'first name',
  'größe',
  'select',
  'op',
  'u1',
  'kind',
  'xid',
  'row',
  'value',
  'made',
  'q"q',
]
const ACTIONS = [
  'cascade',
  'cascade',
  'cascade',
  'cascade',
  'set null',
  'no action',
  'restrict',
  'set default',
] as const
const VALUE_TYPES: readonly ValueType[] = [
  ...([
    'int',
    'int',
    'int',
    'text',
    'text',
    'text',
    'bool',
    'bool',
    'numeric',
    'numeric',
    'date',
    'timestamp',
  ] as const),
  ...([
    'mood',
    'ints',
    'ints',
    'jsonb',
    'loose',
    'float',
    'instant',
    'instant',
    'instant',
    'texts',
    'json',
    'range',
    'pair',
    'uuid',
  ] as const),
]

/** Four to six tables, tied by foreign keys of one column and of two: keys single and composite, references to itself, odd names, a partitioned one. */
export function drawSchema(random: Random): Schema {
  const count = 4 + random.below(3)
  const names = shuffled(random, TABLE_NAMES).slice(0, count)
  const tables: Table[] = []
  for (const [i, name] of names.entries()) tables.push(drawTable(random, tables, name, i))
  return { tables, statements: [...TYPE_STATEMENTS, ...tables.flatMap(createTable)] }
}

function drawTable(random: Random, earlier: readonly Table[], name: string, index: number): Table {
  const schema = random.oneIn(5) ? ODD_SCHEMA : 'public'
  const parents = shuffled(
    random,
    earlier.filter(({ key, partitions }) => key.length === 1 && partitions.length === 0),
  )
  const form =
    index === 0
      ? 'plain'
      : random.pick(['plain', 'plain', 'plain', 'link', 'link', 'partitioned', 'composite'] as const)
  const references = parents.slice(0, form === 'link' ? 2 : 1 + random.below(2))
  const isLink = form === 'link' && references.length === 2
  const role = `${schema}.${name}`

  const id = column('id', 'int', { declared: random.pick(['int', 'int', 'int', 'bigint']), role })
  const tied = references.map((parent, i) =>
    referenceTo(random, parent, `${parent.name} ${random.oneIn(2) ? 'id' : String(i)}`, isLink),
  )
  const pairs = earlier.filter((it) => it.key.length === 2)
  const composite =
    pairs.length > 0 && !isLink && random.oneIn(2) ? [pairReference(random, random.pick(pairs))] : []
  const self = form === 'plain' && random.oneIn(3) ? [selfReference(random, schema, name, id)] : []
  const second =
    form === 'partitioned' || form === 'composite'
      ? [column('part', 'int', { declared: 'int', role: null })]
      : []
  const values = drawValues(random)
  const all = [...tied, ...composite, ...self]
  const key = isLink ? tied.flatMap((it) => it.key.columns) : ['id', ...second.map((it) => it.name)]
  const columns = [...(isLink ? [] : [id]), ...second, ...all.flatMap((it) => it.columns), ...values]
  return {
    schema,
    name,
    columns: key.length === 2 ? columns.map((it) => inPair(it, role, key)) : columns,
    key,
    foreignKeys: all.map((it) => it.key),
    partitions: form === 'partitioned' ? [0, 1, 2].map((i) => `${name} ${String(i)}`) : [],
  }
}

function column(name: string, type: ValueType, more: Partial<Column> = {}): Column {
  return {
    name,
    type,
    declared: TYPES[type].declared[0] ?? type,
    isNullable: false,
    generated: null,
    role: null,
    ...more,
  }
}

function inPair(column: Column, of: string, key: readonly string[]): Column {
  const at = key.indexOf(column.name)
  return at < 0 ? column : { ...column, pair: { of, at } }
}

interface Reference {
  readonly columns: readonly Column[]
  readonly key: ForeignKey
}

function referenceTo(random: Random, parent: Table, name: string, isKey: boolean): Reference {
  const isNullable = !isKey && !random.oneIn(3)
  const [parentKey = 'id'] = parent.key
  const declared = parent.columns.find((it) => it.name === parentKey)?.declared ?? 'int'
  const actionsThere = ACTIONS.filter((it) => isNullable || !it.startsWith('set'))
  const onUpdate = random.oneIn(4) ? '' : ' on update cascade'
  return {
    columns: [column(name, 'int', { declared, isNullable, role: `${parent.schema}.${parent.name}` })],
    key: { columns: [name], parent, actions: `on delete ${random.pick(actionsThere)}${onUpdate}` },
  }
}

/** By two columns; where one of them is null there is no parent, whatever the other says. */
function pairReference(random: Random, parent: Table): Reference {
  const of = `${parent.schema}.${parent.name}`
  const columns = parent.key.map((name, at) => {
    const declared = parent.columns.find((it) => it.name === name)?.declared ?? 'int'
    const isNullable = random.oneIn(2)
    return column(`${parent.name} ${'ab'.charAt(at)}`, 'int', { declared, isNullable, pair: { of, at } })
  })
  const canBeNull = columns.every(({ isNullable }) => isNullable)
  const actionsThere = ACTIONS.filter((it) => canBeNull || !it.startsWith('set'))
  const onUpdate = random.oneIn(4) ? '' : ' on update cascade'
  return {
    columns,
    key: {
      columns: columns.map(({ name }) => name),
      parent,
      actions: `on delete ${random.pick(actionsThere)}${onUpdate}`,
    },
  }
}

function selfReference(random: Random, schema: string, name: string, id: Column): Reference {
  return {
    columns: [{ ...id, name: 'boss', isNullable: true }],
    key: {
      columns: ['boss'],
      parent: { schema, name, key: ['id'] },
      actions: `on delete ${random.pick(['set null', 'cascade', 'no action'])} on update ${random.pick(['cascade', 'set null'])}`,
    },
  }
}

function drawValues(random: Random): readonly Column[] {
  const names = shuffled(random, COLUMN_NAMES)
  const values = names.slice(0, 3 + random.below(4)).map((name) => {
    const type = random.pick(VALUE_TYPES)
    return column(name, type, { declared: random.pick(TYPES[type].declared), isNullable: !random.oneIn(3) })
  })
  const number = values.find((it) => it.type === 'int')
  if (number === undefined || !random.oneIn(3)) return values
  const generated = `(${ident(number.name).text} + 1)`
  return [...values, column('twice', 'int', { isNullable: number.isNullable, generated })]
}

function createTable({ schema, name, columns, key, foreignKeys, partitions }: Table): readonly string[] {
  const entries = [
    ...columns.map(({ name: it, declared, isNullable, generated }) =>
      [
        ident(it).text,
        declared,
        generated === null ? '' : `generated always as ${generated} stored`,
        isNullable ? '' : 'not null',
      ].join(' '),
    ),
    `primary key (${key.map((it) => ident(it).text).join(', ')})`,
    ...foreignKeys.map(
      ({ columns: its, parent, actions }) =>
        `foreign key (${its.map((it) => ident(it).text).join(', ')}) references ${ident(parent.schema, parent.name).text} ${actions}`,
    ),
  ]
  const by = partitions.length === 0 ? '' : ` partition by hash (${ident(key.at(-1) ?? '').text})`
  const parts = partitions.map(
    (part, i) =>
      `create table ${ident(schema, part).text} partition of ${ident(schema, name).text} for values with (modulus ${String(partitions.length)}, remainder ${String(i)})`,
  )
  return [`create table ${ident(schema, name).text} (\n  ${entries.join(',\n  ')}\n)${by}`, ...parts]
}

/** A value for a column, or NULL where it may be one, typed as the column is. */
export function valueFor(
  random: Random,
  { type, declared, isNullable, name }: Column,
  key: readonly string[],
): string {
  if (isNullable && random.oneIn(4)) return `null::${declared}`
  const isId = type === 'int' && key.includes(name)
  return `(${isId ? String(1 + random.below(14)) : writtenValueOf(random, type)})::${declared}`
}

export function shuffled<T>(random: Random, items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: random.below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
