import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { problemsOf } from './problems.ts'
import { readModel, type ReadModelOptions } from './read-model.ts'
import { resolveConfig } from './resolve-config.ts'
import { sql } from './sql.ts'

const FILE = '/app/millrace.config.ts'
const options: ReadModelOptions = { key: 'id', freshness: 'eventual', query: sql`select 1 as id` }
const feed = readModel('feed', options)

test('fills in every default', async () => {
  const config = await resolveConfig({ define: [feed], database: '' }, FILE)
  expect(config).toMatchObject({
    database: undefined,
    migrations: { format: 'sql', directory: '/app/migrations' },
    roles: {},
    models: [{ schema: 'public', name: 'feed', key: ['id'], query: 'select 1 as id', indexes: [] }],
  })
})

test('finds declarations in modules, lists and objects, each once', async () => {
  const other = readModel('other', {
    ...options,
    key: ['id', 'day'],
    indexes: [['a desc'], { columns: ['b'] }],
  })
  const module = { feed, again: feed, more: { other }, helper: () => 1, threshold: 7, self: {} }
  module.self = module
  const config = await resolveConfig({ define: [module, [[feed]]] }, FILE)
  expect(config.models.map((it) => it.name)).toEqual(['feed', 'other'])
  expect(config.models[1]?.indexes).toEqual([{ columns: ['a desc'] }, { columns: ['b'] }])
})

test('tells everything that is wrong at once', async () => {
  const bad = { key: [], freshness: 'sometimes', query: 'select 1', indexes: 'id', keys: 'id' }
  const config = { define: [readModel('', bad as unknown as ReadModelOptions), feed], databse: 'x', roles: 7 }
  const found = await problemsIn(config)
  expect(found.map((it) => [it.code, it.detail])).toEqual([
    ['BAD_CONFIG', 'there is no option "databse"'],
    ['BAD_CONFIG', '"roles" is the number 7'],
    ['BAD_DECLARATION', 'read model (without a name): the name is an empty string and not a name'],
    ['BAD_DECLARATION', 'read model (without a name): the key is an empty list'],
    ['BAD_DECLARATION', 'read model (without a name): the freshness is the string "sometimes"'],
    ['BAD_DECLARATION', 'read model (without a name): the query is the string "select 1"'],
    ['BAD_INDEX', 'read model (without a name): indexes is the string "id"'],
    ['BAD_DECLARATION', 'read model (without a name): there is no option "keys"'],
  ])
  expect(found[0]?.file).toBe(FILE)
  expect(found[0]?.hint).toBe('Did you mean "database"?')
  expect(found[2]?.file).toMatch(/resolve-config\.test\.ts:\d+$/)
})

test('two declarations of one name are told with both places', async () => {
  const [problem, ...more] = await problemsIn({ define: [feed, readModel('feed', options)] })
  expect(more).toEqual([])
  expect(problem?.code).toBe('NAME_DECLARED_TWICE')
  expect(problem?.detail).toMatch(/^public\.feed is declared here and .*resolve-config\.test\.ts:10$/)
})

test.each([['feed', 'feed_strict'] as const, ['feed_strict', 'feed'] as const])(
  'the strict read of %s and %s cannot share a name',
  async (...names) => {
    const found = await problemsIn({ define: names.map((name) => readModel(name, options)) })
    expect(found.map((it) => it.code)).toEqual(['NAME_DECLARED_TWICE'])
  },
)

test.each([
  [['a) ; drop table x; --']],
  [['a, b']],
  [['']],
  [[7]],
  [[]],
  [{ columns: ['a'], where: 'true) ; drop table x; --' }],
  [{ columns: ['a'], where: '' }],
  [{ columns: ['a'], uniqe: true }],
  [{ columns: ['a'], unique: 'yes' }],
  [{}],
  [7],
  [null],
])('the index %o is refused', async (index) => {
  const model = readModel('feed', { ...options, indexes: [index as string[]] })
  expect((await problemsIn({ define: [model] })).map((it) => it.code)).toEqual(['BAD_INDEX'])
})

test.each([
  [
    {
      columns: ['score desc nulls last', 'lower(name)', '(a + b)', '"Odd name"'],
      unique: true,
      where: 'not gone',
    },
  ],
  [['tags']],
  [{ columns: ['name gin_trgm_ops'], method: 'gin' }],
])('the index %o is taken', async (index) => {
  const model = readModel('feed', { ...options, indexes: [index] })
  await expect(resolveConfig({ define: [model] }, FILE)).resolves.toBeDefined()
})

test.each([
  [{ freshness: 'sometimes' }, 'BAD_DECLARATION'],
  [{ freshness: { every: '5 minuts' } }, 'BAD_SCHEDULE'],
  [{ freshness: { every: '5 minutes', timezone: 'UTC' } }, 'BAD_SCHEDULE'],
  [{ onError: 'queue' }, 'BAD_DECLARATION'],
  [{ freshness: 'immediate', onError: 'ignore' }, 'BAD_DECLARATION'],
  [{ freshness: undefined }, 'BAD_DECLARATION'],
  [{ key: undefined }, 'BAD_DECLARATION'],
  [{ key: ['id', 'id'] }, 'BAD_DECLARATION'],
  [{ key: ['id', ''] }, 'BAD_DECLARATION'],
  [{ key: 7 }, 'BAD_DECLARATION'],
  [{ key: 'x'.repeat(64) }, 'BAD_DECLARATION'],
  [{ order: 'none' }, 'BAD_DECLARATION'],
  [{ order: 'any', freshness: { every: '1 day' } }, 'BAD_DECLARATION'],
  [{ settings: {} }, 'BAD_DECLARATION'],
  [{ settings: 'UTC' }, 'BAD_DECLARATION'],
  [{ settings: { TimeZone: 1 } }, 'BAD_DECLARATION'],
  [{ settings: { search_path: 'app' } }, 'BAD_DECLARATION'],
  [{ settings: { TimeZone: 'UTC' }, freshness: { every: '1 day' } }, 'BAD_DECLARATION'],
  [{ readableBy: 'support' }, 'BAD_DECLARATION'],
  [{ readableBy: [''] }, 'BAD_DECLARATION'],
  [{ readableBy: ['public'] }, 'BAD_DECLARATION'],
  [{ schema: 'millrace' }, 'BAD_DECLARATION'],
  [{ schema: 'pg_catalog' }, 'BAD_DECLARATION'],
  [{ schema: '' }, 'BAD_DECLARATION'],
])('a read model with %o is refused', async (change, code) => {
  const model = readModel('feed', { ...options, ...change } as ReadModelOptions)
  expect((await problemsIn({ define: [model] })).map((it) => it.code)).toEqual([code])
})

test.each([
  [undefined, 'BAD_CONFIG'],
  [{}, 'BAD_CONFIG'],
  [{ define: feed }, 'BAD_CONFIG'],
  [{ define: ['feed'] }, 'BAD_CONFIG'],
  [{ define: [undefined] }, 'BAD_CONFIG'],
  [{ define: [{}] }, 'BAD_CONFIG'],
  [{ define: [], database: 'mysql://localhost/x' }, 'BAD_DATABASE_URL'],
  [{ define: [], database: 7 }, 'BAD_DATABASE_URL'],
  [{ define: [], directUrl: 'nonsense' }, 'BAD_DATABASE_URL'],
  [{ define: [], migrations: { format: 'xml' } }, 'BAD_CONFIG'],
  [{ define: [], migrations: { directory: '' } }, 'BAD_CONFIG'],
  [{ define: [], migrations: 'sql' }, 'BAD_CONFIG'],
  [{ define: [], searchPath: 'public' }, 'BAD_CONFIG'],
  [{ define: [], searchPath: [''] }, 'BAD_CONFIG'],
  [{ define: [], roles: { boss: 'me' } }, 'BAD_CONFIG'],
  [{ define: [], roles: { owner: '' } }, 'BAD_CONFIG'],
])('the configuration %o is refused', async (config, code) => {
  expect((await problemsIn(config)).map((it) => it.code)).toEqual([code])
})

async function problemsIn(config: unknown): Promise<readonly MillraceError[]> {
  try {
    await resolveConfig(config, FILE)
  } catch (error) {
    if (error instanceof MillraceError) return problemsOf(error)
    throw error
  }
  throw new Error('nothing was refused')
}
