import pg from 'pg'
import type { Client } from '../../../src/pg/client.ts'
import type { Random } from '../random.ts'
import { columnName, tableName, type TableKey, type Tables } from './tables.ts'

/** Writes to the tables under the names that they have at the moment; which may be no more when the statement arrives. */
export async function write(client: Client, tables: Tables, random: Random): Promise<string | null> {
  const isolation = random.oneIn(3) ? 'repeatable read' : 'read committed'
  try {
    await client.query(`begin isolation level ${isolation}`)
    for (let i = random.below(3); i >= 0; i -= 1) await client.query(drawStatement(tables, random))
    await client.query('commit')
    return null
  } catch (error) {
    await client.query('rollback')
    return isOurs(error) ? `${String(error)} (${describe(error)})` : null
  }
}

/** An error in one of our functions, or about one of our tables. That two transactions met is nobody's fault. */
function isOurs(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) throw error
  if (error.code === '40001' || error.code === '40P01') return false
  return /millrace/.test(`${error.message} ${error.where ?? ''} ${error.schema ?? ''}`)
}

function describe(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.where ?? '').slice(0, 600) : ''
}

function drawStatement(tables: Tables, random: Random): string {
  const key = random.pick(['users', 'projects', 'projects', 'votes', 'votes', 'votes', 'events'] as const)
  const statements = [insert, insert, update, update, remove]
  return random.pick(statements)(tables, key, random)
}

function insert(tables: Tables, key: TableKey, random: Random): string {
  const columns = Object.keys(tables[key].columns).filter((it) => it !== 'id')
  const values = columns.map((column) => value(tables, key, column, random))
  const names = columns.map((column) => columnName(tables, key, column).text)
  return `insert into ${tableName(tables, key).text} (${names.join(', ')}) values (${values.join(', ')})`
}

function update(tables: Tables, key: TableKey, random: Random): string {
  const column = random.pick(Object.keys(tables[key].columns).filter((it) => it !== 'id'))
  const name = columnName(tables, key, column).text
  return `update ${tableName(tables, key).text} set ${name} = ${value(tables, key, column, random)} where ${someRows(tables, key, random)}`
}

function remove(tables: Tables, key: TableKey, random: Random): string {
  return `delete from ${tableName(tables, key).text} where ${someRows(tables, key, random)} and ${columnName(tables, key, 'id').text} > 6`
}

function someRows(tables: Tables, key: TableKey, random: Random): string {
  const id = columnName(tables, key, 'id').text
  return `${id} % ${String(7 + random.below(9))} = ${String(random.below(7))}`
}

/** Long texts and large numbers where the type of the moment has room for them: the former one had not. */
function value(tables: Tables, key: TableKey, column: string, random: Random): string {
  const { type, isNullable } = tables[key].columns[column] ?? { type: 'int', isNullable: true }
  if (isNullable && random.oneIn(6)) return 'null'
  if (column === 'user_id') return String(1 + random.below(6))
  if (column === 'project_id') return String(1 + random.below(14))
  if (column === 'day') return String(1 + random.below(2))
  if (column === 'kind') return `'kind ${String(random.below(4))}'`
  if (type === 'boolean') return random.oneIn(3) ? 'false' : 'true'
  if (type === 'int') return String(random.below(9))
  if (type === 'bigint') return String(random.below(9) + (random.oneIn(3) ? 5_000_000_000 : 0))
  if (type.startsWith('numeric')) return `${String(random.below(9))}.${type.endsWith(',4)') ? '1234' : '25'}`
  const length = type === 'varchar(40)' || type === 'varchar(80)' ? 10 : 150
  return `repeat('${String(random.below(9))}', ${String(length)})`
}
