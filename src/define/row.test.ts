import { integer, bigint, date, numeric, pgTable, QueryBuilder, text, timestamp } from 'drizzle-orm/pg-core'
import { sql as drizzleSql, eq } from 'drizzle-orm'
import {
  integer as integer1,
  pgTable as pgTable1,
  QueryBuilder as QueryBuilder1,
} from 'drizzle-orm-1/pg-core'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { expect, expectTypeOf, test } from 'vitest'
import { leaderboard } from './leaderboard.ts'
import { readModel, type ReadModel } from './read-model.ts'
import type { Carries, KeyOf, KeyValue, RowOf, UntypedRow } from './row.ts'
import { sql } from './sql.ts'

// What is said of types in here is checked by the compiler: npm run types.

interface Post {
  readonly id: number
  readonly title: string | null
}

/** Values of the types that a declaration carries; there are no such values. */
const rowOf = <M extends Carries<object>>(model: M) => ({ model }) as unknown as RowOf<M>
const keyOf = <M extends ReadModel>(model: M) => ({ model }) as unknown as KeyOf<M>

const eventual = { freshness: 'eventual' } as const

const posts = pgTable('posts', {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer('author_id').notNull(),
  views: bigint({ mode: 'number' }).notNull(),
  price: numeric(),
  day: date().notNull(),
  at: timestamp(),
})
const users = pgTable('users', { id: integer().primaryKey(), name: text().notNull() })
const posts1 = pgTable1('posts', { id: integer1().primaryKey(), authorId: integer1('author_id').notNull() })

const kysely = new Kysely<{ posts: { id: number; title: string | null; author_id: number } }>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

test('rows and key of text are what it is said to give', () => {
  const model = readModel('posts', { key: 'id', query: sql<Post>`select id, title from posts`, ...eventual })
  expectTypeOf(rowOf(model)).toEqualTypeOf<Post>()
  expectTypeOf(keyOf(model)).toEqualTypeOf<number>()
  expectTypeOf(model).toExtend<ReadModel>()
  expect(model.key).toBe('id')

  const pairs = readModel('pairs', { key: ['id', 'title'], query: sql<Post>`select …`, ...eventual })
  expectTypeOf(keyOf(pairs)).toEqualTypeOf<Pick<Post, 'id' | 'title'>>()
})

test('text of which nothing is said takes any key', () => {
  const model = readModel('posts', { key: ['a', 'b'], query: sql`select …`, ...eventual })
  expectTypeOf(rowOf(model)).toEqualTypeOf<UntypedRow>()
  expectTypeOf(keyOf(model)).toEqualTypeOf<KeyValue>()
  readModel('posts', { key: 'anything', query: { text: 'select …' }, ...eventual })
})

test('a key that the rows do not have is no key', () => {
  const query = sql<Post>`select id, title from posts`
  // @ts-expect-error there is no column "uuid"
  readModel('posts', { key: 'uuid', query, ...eventual })
  // @ts-expect-error there is no column "uuid"
  readModel('posts', { key: ['id', 'uuid'], query, ...eventual })
  // @ts-expect-error there is no column "uuid"
  leaderboard('posts', { key: 'uuid', query, score: 'id' })
  // @ts-expect-error nor in a query of Kysely
  readModel('posts', { key: 'uuid', query: kysely.selectFrom('posts').select('id'), ...eventual })
  // @ts-expect-error nor in one of Drizzle, where "authorId" is the name of a field
  readModel('posts', { key: 'authorId', query: new QueryBuilder().select().from(posts), ...eventual })
})

test('a query of Kysely gives its rows', () => {
  const query = kysely.selectFrom('posts').select(['id', 'title', (eb) => eb.fn.countAll<string>().as('n')])
  const model = readModel('posts', { key: 'id', query, ...eventual })
  expectTypeOf(rowOf(model)).toEqualTypeOf<{ id: number; title: string | null; n: string }>()
  const board = leaderboard('board', { key: ['id'], query, score: 'n desc' })
  expectTypeOf(rowOf(board)).toEqualTypeOf(rowOf(model))
  expectTypeOf(keyOf(board)).toEqualTypeOf<{ id: number }>()
})

test('a query of Drizzle gives rows by their names in SQL, with the values of the driver', () => {
  const query = new QueryBuilder()
    .select({
      id: posts.id,
      author: posts.authorId,
      views: posts.views,
      price: posts.price,
      day: posts.day,
      at: posts.at,
      name: users.name,
      upper: drizzleSql<string>`upper(${posts.title})`.as('upper'),
    })
    .from(posts)
    .leftJoin(users, eq(users.id, posts.authorId))
  const model = readModel('posts', { key: 'author_id', query, ...eventual })
  expectTypeOf(rowOf(model)).toEqualTypeOf<{
    readonly id: number
    readonly author_id: number
    readonly views: string
    readonly price: string | null
    readonly day: Date
    readonly at: Date | null
    readonly name: string | null
    readonly upper: string
  }>()
})

test('of rows whose names Drizzle 1.0 does not tell, nothing is said', () => {
  const query = new QueryBuilder1().select({ id: posts1.id, author: posts1.authorId }).from(posts1)
  const model = readModel('posts', { key: ['author_id', 'id'], query, ...eventual })
  expectTypeOf(rowOf(model)).toEqualTypeOf<UntypedRow>()
})
