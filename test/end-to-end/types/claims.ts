const EQUAL = `
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const claim = <_ extends true>() => undefined`

const DRIZZLE = `
import { everythingRead, shopProved, board } from './drizzle.types.ts'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
${EQUAL}
export async function check(db: NodePgDatabase): Promise<void> {
  const [row] = await db.select({ post: shopProved.post, mood: shopProved.Mood, n: shopProved.n, total: shopProved.total, object: shopProved.object }).from(shopProved)
  claim<Equal<typeof row, { post: number; mood: 'fine' | 'it\\'s "so" so' | null; n: bigint; total: bigint; object: { readonly title: string | null; readonly n: number } } | undefined>>()
  await db.select().from(everythingRead)
  // @ts-expect-error there is no such column
  await db.select({ name: board.nmae }).from(board)
}`

/** Files of claims about what `millrace types` has written beside them: a compiler finds nothing wrong with any. */
export const CLAIMS: Readonly<Record<string, string>> = {
  'typescript.check.ts': `
import { createClient } from 'millrace/client'
import * as models from './typescript.types.ts'
import type { Board, Joined, ShopProved } from './typescript.types.ts'
${EQUAL}
claim<Equal<ShopProved['title'], string | null>>()
claim<Equal<ShopProved['post'], number>>()
claim<Equal<ShopProved['name'], string | null>>()
claim<Equal<ShopProved['Mood'], 'fine' | 'it\\'s "so" so' | null>>()
claim<Equal<ShopProved['n'], string>>()
claim<Equal<ShopProved['total'], string>>()
claim<Equal<ShopProved['highest'], number | null>>()
claim<Equal<ShopProved['shown'], string>>()
claim<Equal<ShopProved['is_lonely'], boolean>>()
claim<Equal<ShopProved['has_user'], boolean>>()
claim<Equal<ShopProved['letter'], string>>()
claim<Equal<ShopProved['object'], { readonly title: string | null; readonly n: number }>>()
claim<Equal<ShopProved['posts'], readonly { readonly id: number; readonly title: string | null }[]>>()
claim<Equal<Joined['all_rows'], string>>()
claim<Equal<Board['mood'], 'fine' | 'it\\'s "so" so'>>()
export async function check(): Promise<void> {
  const db = createClient({ query: () => Promise.resolve([]) }, models)
  claim<Equal<Awaited<ReturnType<typeof db.shopProved.get>>, ShopProved | null>>()
  await db.joined.get({ id: 1, user_id: 2 })
  await db.board.rank(1, { within: ['mood'] })
  await db.shopProved.page({ orderBy: ['title desc nulls last', 'post'], where: { post: { gt: 1 }, title: ['a', null] } })
  // @ts-expect-error the key has two columns
  await db.joined.get(1)
  // @ts-expect-error there is no such column
  await db.shopProved.page({ orderBy: 'titel' })
  // @ts-expect-error a post is a number
  await db.shopProved.page({ where: { post: 'one' } })
  // @ts-expect-error it is no leaderboard
  await db.shopProved.top()
}`,
  'kysely.check.ts': `
import type { Insertable, Kysely } from 'kysely'
import type { ReadModels } from './kysely.types.ts'
${EQUAL}
export async function check(db: Kysely<ReadModels>): Promise<void> {
  const [row] = await db.selectFrom('shop.proved').select(['post', 'title', 'Mood', 'n', 'object']).execute()
  claim<Equal<typeof row, { post: number; title: string | null; Mood: 'fine' | 'it\\'s "so" so' | null; n: string; object: { readonly title: string | null; readonly n: number } } | undefined>>()
  await db.selectFrom('everything_read_strict').selectAll().where('id', '=', 1).execute()
  // @ts-expect-error there is no such column
  await db.selectFrom('board').select('nmae').execute()
  claim<Equal<keyof Insertable<ReadModels['board']>, never>>()
}`,
  'drizzle.check.ts': DRIZZLE,
  'since-1/drizzle.check.ts': since1(DRIZZLE),
}

/** The same for Drizzle 1.0. */
export function since1(text: string): string {
  return text.replaceAll("'drizzle-orm/", "'drizzle-orm-1/")
}
