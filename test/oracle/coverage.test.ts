import { beforeAll, expect, test } from 'vitest'
import type { InstalledModel } from '../../src/work/model.ts'
import { createTestDatabase } from '../support/database.ts'
import { installModels } from '../support/models.ts'
import { Coverage, ISOLATIONS } from './coverage.ts'
import { MODELS } from './models.ts'
import { OPERATION_KINDS, settable, type Change } from './operations.ts'
import { SCHEMA, TABLES } from './tables.ts'

let models: readonly InstalledModel[] = []

beforeAll(async () => {
  const database = await createTestDatabase(SCHEMA)
  const chosen = MODELS.filter(({ name }) => ['bosses', 'quiet', 'shelf'].includes(name))
  models = await installModels(await database.connect('owner'), chosen)
})

test('every path of every model has cells, and all are empty at first', () => {
  const coverage = new Coverage(models)
  const ways = new Set(coverage.emptyCells().map((cell) => cell.split(' | ').slice(0, 2).join(' | ')))
  expect([...ways]).toEqual([
    'bosses | 1: u (direct)',
    'bosses | 2: b > users (indirect)',
    'bosses | 3: g > users > users (indirect)',
    'bosses | 4: r (direct)',
    'quiet | 1: p (direct)',
    'quiet | 2: v (direct)',
    'shelf | 1: t (direct)',
    'shelf | 2: p > tags (indirect)',
    'shelf | 3: k > tags (indirect)',
  ])
})

test('one operation at one isolation level that was never carried out leaves a cell of each path of its table', () => {
  const coverage = new Coverage(models)
  fill(
    coverage,
    (table, kind, isolation) => table === 'users' && kind === 'delete' && isolation === 'serializable',
  )
  expect(coverage.emptyCells()).toEqual([
    'bosses | 1: u (direct) | delete | serializable',
    'bosses | 2: b > users (indirect) | delete | serializable',
    'bosses | 3: g > users > users (indirect) | delete | serializable',
    'bosses | 4: r (direct) | delete | serializable',
  ])
})

test('an update fills the cells of those paths only whose occurrence reads the column', () => {
  const coverage = new Coverage(models)
  fill(coverage, (table, kind) => table === 'users' && kind === 'update')
  const changes: readonly Change[] = [{ table: 'users', columns: ['name'] }]
  for (const isolation of ISOLATIONS) coverage.count({ kind: 'update', sql: '', changes }, isolation)
  expect(coverage.emptyCells()).toEqual([])

  const other = new Coverage(models)
  const unread: readonly Change[] = [{ table: 'users', columns: ['country'] }]
  other.count({ kind: 'update', sql: '', changes: unread }, 'serializable')
  expect(other.emptyCells()).toEqual(other.cells())
})

test('an operation that a table does not allow has no cell', () => {
  const cells = new Coverage(models).cells()
  expect(cells.filter((cell) => cell.startsWith('bosses') && cell.includes('truncate'))).toEqual([])
  expect(cells.filter((cell) => cell.startsWith('shelf | 1:') && cell.includes('merge'))).toEqual([])
  expect(cells.filter((cell) => cell.startsWith('shelf | 1:') && cell.includes('truncate'))).toHaveLength(3)
})

/** Counts every possible operation once at each isolation level, but for some. */
function fill(
  coverage: Coverage,
  isLeftOut: (table: string, kind: string, isolation: string) => boolean,
): void {
  for (const table of TABLES)
    for (const kind of OPERATION_KINDS)
      for (const isolation of ISOLATIONS) {
        if (isLeftOut(table.name, kind, isolation)) continue
        const changes = [{ table: table.name, columns: settable(kind, table) }]
        coverage.count({ kind, sql: '', changes }, isolation)
      }
}
