import type { Random } from '../random.ts'
import {
  columnName,
  tableName,
  type SourceColumn,
  type SourceTable,
  type TableKey,
  type Tables,
} from './tables.ts'

/** A change of a table's shape: statements for its owner, in one transaction, and what is otherwise afterwards. */
export interface ShapeChange {
  readonly describe: string
  readonly statements: readonly string[]
  readonly apply: () => void
}

/** Wider and narrower: values fit, and only their type says that something has changed. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  int: ['bigint', 'numeric(14,2)'],
  bigint: ['numeric(14,2)'],
  'numeric(8,2)': ['numeric(14,4)', 'numeric(14,2)'],
  'numeric(14,2)': ['numeric(14,4)'],
  'varchar(40)': ['varchar(200)', 'text'],
  'varchar(80)': ['varchar(200)', 'text'],
  'varchar(200)': ['text'],
  text: ['varchar(200)', 'text collate "C"'],
}

/** What the key, its references and the partitions stand on is called otherwise, and otherwise left alone. */
const FIXED: Readonly<Record<TableKey, readonly string[]>> = {
  users: ['id'],
  projects: ['id', 'user_id'],
  votes: ['id', 'project_id'],
  events: ['id', 'day'],
}

export function drawChange(tables: Tables, random: Random, count: number): ShapeChange {
  const key = random.pick(['users', 'projects', 'projects', 'votes', 'votes', 'events'] as const)
  const column = random.pick(Object.keys(tables[key].columns))
  const at = { tables, key, table: tables[key], column, random, count }
  const all = [renameColumn, renameColumn, retype, retype, retype, dropColumn, dropColumn, dropNotNull]
  // Where a table has another name nothing else is looked at.
  const ofTables = random.oneIn(4) ? [renameTable, moveTable] : []
  const others = key === 'events' ? [movePartition] : [addColumn, dropForeignKeys, dropDefault, otherDefault]
  for (;;) {
    const change = random.pick([...all, ...ofTables, random.pick(others)])(at)
    if (change !== null) return change
  }
}

interface At {
  readonly tables: Tables
  readonly key: TableKey
  readonly table: SourceTable
  readonly column: string
  readonly random: Random
  /** Of the changes so far: for new names. */
  readonly count: number
}

function columnOf({ table, column }: At): SourceColumn {
  const found = table.columns[column]
  if (found === undefined) throw new Error(`no column ${column}`)
  return found
}

function alter({ tables, key, column }: At, write: (table: string, column: string) => string): string {
  return write(tableName(tables, key).text, columnName(tables, key, column).text)
}

function renameColumn(at: At): ShapeChange {
  const to = `${at.column} ${String(at.count)}`
  const found = columnOf(at)
  return {
    describe: `rename ${at.key}.${at.column}`,
    statements: [alter(at, (table, column) => `alter table ${table} rename column ${column} to "${to}"`)],
    apply: () => {
      found.name = to
    },
  }
}

function renameTable(at: At): ShapeChange {
  const to = `${at.key} ${String(at.count)}`
  return {
    describe: `rename ${at.key}`,
    statements: [alter(at, (table) => `alter table ${table} rename to "${to}"`)],
    apply: () => {
      at.table.name = to
    },
  }
}

function moveTable(at: At): ShapeChange {
  const to = at.table.schema === 'public' ? 'other' : 'public'
  return {
    describe: `move ${at.key} to ${to}`,
    statements: [alter(at, (table) => `alter table ${table} set schema ${to}`)],
    apply: () => {
      at.table.schema = to
    },
  }
}

/** PostgreSQL refuses it as long as a strict view stands on the column, so that is given up in the same transaction. */
function release(at: At): string {
  const { tables, key } = at
  return alter(at, () => `select millrace.release('${tableName(tables, key).text}', '${columnOf(at).name}')`)
}

function retype(at: At): ShapeChange | null {
  const found = columnOf(at)
  const types = TYPES[found.type] ?? []
  if (types.length === 0 || FIXED[at.key].includes(at.column)) return null
  const to = at.random.pick(types)
  return {
    describe: `${at.key}.${at.column} becomes ${to}`,
    statements: [
      release(at),
      alter(at, (table, column) => `alter table ${table} alter column ${column} type ${to}`),
    ],
    apply: () => {
      found.type = to.replace(/ collate.*/, '')
    },
  }
}

/** The strict views that stand on it go with it; the new one has its name, and none of its values. */
function dropColumn(at: At): ShapeChange | null {
  const found = columnOf(at)
  if (FIXED[at.key].includes(at.column)) return null
  const isCascading = at.random.oneIn(2)
  return {
    describe: `drop ${at.key}.${at.column}${isCascading ? ' cascade' : ''}, and make it anew`,
    statements: [
      ...(isCascading ? [] : [release(at)]),
      alter(
        at,
        (table, column) => `alter table ${table} drop column ${column}${isCascading ? ' cascade' : ''}`,
      ),
      alter(at, (table, column) => `alter table ${table} add column ${column} ${found.type}`),
    ],
    apply: () => {
      found.isNullable = true
    },
  }
}

function dropNotNull(at: At): ShapeChange | null {
  const found = columnOf(at)
  if (found.isNullable || at.column === 'id' || at.column === 'day') return null
  return {
    describe: `${at.key}.${at.column} may be null`,
    statements: [alter(at, (table, column) => `alter table ${table} alter column ${column} drop not null`)],
    apply: () => {
      found.isNullable = true
    },
  }
}

function dropDefault(at: At): ShapeChange | null {
  if (at.column === 'id') return null
  return {
    describe: `${at.key}.${at.column} has no default`,
    statements: [alter(at, (table, column) => `alter table ${table} alter column ${column} drop default`)],
    apply: () => undefined,
  }
}

function otherDefault(at: At): ShapeChange | null {
  if (columnOf(at).type !== 'int' || FIXED[at.key].includes(at.column)) return null
  return {
    describe: `${at.key}.${at.column} has another default`,
    statements: [alter(at, (table, column) => `alter table ${table} alter column ${column} set default 3`)],
    apply: () => undefined,
  }
}

function addColumn(at: At): ShapeChange {
  return {
    describe: `add a column to ${at.key}`,
    statements: [
      alter(at, (table) => `alter table ${table} add column extra_${String(at.count)} int default 7`),
    ],
    apply: () => undefined,
  }
}

function dropForeignKeys(at: At): ShapeChange | null {
  if (at.key === 'users') return null
  const table = tableName(at.tables, at.key).text
  return {
    describe: `drop the foreign keys of ${at.key}`,
    statements: [
      `do $$ declare it record; begin
         for it in select conname from pg_constraint where conrelid = '${table}'::regclass and contype = 'f' loop
           execute format('alter table ${table} drop constraint %I', it.conname);
         end loop; end $$`,
    ],
    apply: () => undefined,
  }
}

function movePartition(at: At): ShapeChange {
  const table = tableName(at.tables, at.key).text
  return {
    describe: 'detach a partition, and attach it again',
    statements: [
      `alter table ${table} detach partition events_2`,
      `insert into events_2 select * from events_2 limit 1`,
      `alter table ${table} attach partition events_2 for values in (2)`,
    ],
    apply: () => undefined,
  }
}
