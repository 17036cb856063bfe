import { eq, inArray } from 'drizzle-orm'
import { integer, pgTable, QueryBuilder, text } from 'drizzle-orm/pg-core'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../sql/parse.ts'
import { inlineParameters } from './inline-parameters.ts'
import { queryText } from './query-text.ts'
import { sql } from './sql.ts'

interface Database {
  posts: { id: number; title: string; author_id: number; is_deleted: boolean }
}

const kysely = new Kysely<Database>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

const posts = pgTable('posts', { id: integer().primaryKey(), title: text(), authorId: integer('author_id') })

beforeAll(loadParser)

test('a piece of SQL is its text', () => {
  expect(queryText(sql`select 1 as id`)).toBe('select 1 as id')
})

test('a Kysely query has its parameters written in', () => {
  const query = kysely
    .selectFrom('posts')
    .select(['id', 'title'])
    .where('title', '=', `it's $1 \\ "odd"`)
    .where('is_deleted', '=', false)
    .where('author_id', 'in', [-1, 2])
  expect(queryText(query)).toBe(
    `select "id", "title" from "posts" where "title" =  E'it''s $1 \\\\ "odd"' and "is_deleted" = 'false' and "author_id" in ('-1', '2')`,
  )
})

test('a Drizzle query has its parameters written in', () => {
  const query = new QueryBuilder()
    .select({ id: posts.id, title: posts.title })
    .from(posts)
    .where(inArray(posts.authorId, [7, 8]))
  expect(queryText(query)).toBe(`select "id", "title" from "posts" where "posts"."author_id" in ('7', '8')`)
})

test('a Drizzle placeholder has no value', () => {
  const query = new QueryBuilder().select().from(posts).where(eq(posts.title, sqlPlaceholder()))
  expect(() => queryText(query)).toThrow(expect.objectContaining({ code: 'BAD_PARAMETER' }))
})

test('dates, big integers and null are written; the same parameter twice; after wide characters', () => {
  const values = [new Date('2026-01-02T03:04:05Z'), 9007199254740993n, null]
  expect(inlineParameters(`select 'é🙂', $2, $1, $3, $2 from t`, values)).toBe(
    `select 'é🙂', '9007199254740993', '2026-01-02T03:04:05.000Z', null, '9007199254740993' from t`,
  )
})

test('a dollar sign in a string, a comment or a dollar quote is no parameter', () => {
  expect(inlineParameters(`select '$1', $a$ $1 $a$, $1 -- $1`, ['x'])).toBe(
    `select '$1', $a$ $1 $a$, 'x' -- $1`,
  )
})

test.each([
  [Number.NaN],
  [Infinity],
  [new Date('nonsense')],
  [{ a: 1 }],
  [[1]],
  [undefined],
  ['a\0b'],
  [Symbol('x')],
])('the parameter %o is refused', (value) => {
  expect(() => inlineParameters('select $1', [value])).toThrow(
    expect.objectContaining({ code: 'BAD_PARAMETER' }),
  )
})

test('a parameter without a value is refused', () => {
  expect(() => inlineParameters('select $1, $2', ['a'])).toThrow(
    expect.objectContaining({ code: 'BAD_PARAMETER' }),
  )
})

test.each([
  [undefined, 'the query is missing'],
  ['select 1', 'the query is the string "select 1"'],
  [sql` `, 'the query is empty'],
  [{ text: 'select $1', values: [1] }, 'the query is an object'],
  [{ compile: () => 7 }, 'the Kysely query gives the number 7 and not SQL with parameters'],
  [{ toSQL: () => ({}) }, 'the Drizzle query gives an object and not SQL with parameters'],
  [
    {
      compile() {
        throw new Error('no from')
      },
    },
    'the Kysely query cannot be turned into SQL: no from',
  ],
])('%o is no query', (query, detail) => {
  expect(() => queryText(query)).toThrow(expect.objectContaining({ code: 'BAD_DECLARATION', detail }))
})

function sqlPlaceholder(): string {
  // What drizzle's own sql.placeholder('title') becomes among the parameters.
  return { name: 'title' } as unknown as string
}
