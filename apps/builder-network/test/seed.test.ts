import { beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { SCALES, sizesProblem } from '../src/sizes.ts'
import { createCommunity, fillCommunity } from './community.ts'

const TABLES = [
  'users',
  'projects',
  'comments',
  'upvotes',
  'validation_badges',
  'direct_messages',
  'notifications',
  'chains',
  'chain_followers',
  'chain_projects',
  'chain_posts',
  'chain_post_votes',
  'chain_post_comments',
  'investor_requests',
  'intro_requests',
  'reports',
  'feedback',
]
/** Nobody of the generated community can sign in, unless passwords are given. */
const EMPTY = ['credentials', 'sessions']

/** A hash of every row and every column of every table, and how many rows there are. */
async function fingerprint(database: TestDatabase): Promise<Record<string, { rows: number; hash: string }>> {
  return await withClient(database.url('application'), async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    )
    const prints: Record<string, { rows: number; hash: string }> = {}
    for (const { name } of rows) {
      const { rows: print } = await client.query<{ rows: number; hash: string }>(
        `select count(*)::int as rows, md5(string_agg(t::text, ',' order by t::text)) as hash from "${name}" t`,
      )
      if (print[0] !== undefined) prints[name] = print[0]
    }
    return prints
  })
}

/** Of the community that the others are held against. */
let first: Awaited<ReturnType<typeof fingerprint>>
beforeAll(async () => {
  first = await fingerprint(await createCommunity({ withModels: false }))
})

test('the seed and the sizes decide every bit of every table', async () => {
  const database = await createTestDatabase()
  await fillCommunity(database, { withModels: false })
  const again = await fingerprint(database)
  expect(Object.keys(first).sort()).toEqual([...TABLES, ...EMPTY].sort())
  expect(again).toEqual(first)
})

test('another seed gives another community, and of no table the same', async () => {
  const two = await fingerprint(await createCommunity({ withModels: false, seed: 2 }))
  for (const name of TABLES) {
    expect(first[name]?.rows, name).toBeGreaterThan(0)
    expect(two[name]?.hash, name).not.toBe(first[name]?.hash)
  }
})

test('another size of one table leaves those alone that do not depend on it', async () => {
  const sizes = { ...SCALES.tiny, votes: SCALES.tiny.votes / 2, chainPosts: SCALES.tiny.chainPosts * 2 }
  const two = await fingerprint(await createCommunity({ withModels: false, sizes }))
  const changed = TABLES.filter((name) => first[name]?.hash !== two[name]?.hash)
  // Votes and comments of chain posts find their posts by how many there are.
  expect(changed.sort()).toEqual(['chain_post_comments', 'chain_post_votes', 'chain_posts', 'upvotes'])
})

test('the community is skewed: few have much, most have little', async () => {
  const database = await createCommunity({ withModels: false, sizes: SCALES.small })
  await withClient(database.url('application'), async (client) => {
    const shareOfTopTenth = async (owner: string, owned: string) => {
      const { rows } = await client.query<{ share: number }>(
        `select (sum(n) filter (where place <= 0.1 * total) / sum(n))::float8 as share
         from (select n, row_number() over (order by n desc) as place, count(*) over () as total
               from (select (select count(*) from ${owned}) as n from ${owner} o) counts) ranked`,
      )
      return rows[0]?.share ?? 0
    }
    // Even shares would be 0.1; a cube of a uniform number gives its first tenth 0.46.
    expect(await shareOfTopTenth('projects', 'upvotes v where v.project_id = o.id')).toBeGreaterThan(0.3)
    expect(await shareOfTopTenth('projects', 'comments c where c.project_id = o.id')).toBeGreaterThan(0.35)
    expect(await shareOfTopTenth('users', 'direct_messages m where m.sender_id = o.id')).toBeGreaterThan(0.3)
    expect(await shareOfTopTenth('users', 'projects p where p.user_id = o.id')).toBeGreaterThan(0.35)
    // Voters are drawn evenly: this is what the measure says of no skew.
    expect(await shareOfTopTenth('users', 'upvotes v where v.user_id = o.id')).toBeLessThan(0.2)
  })
})

test('there is something of everything that a read model looks at', async () => {
  const database = await createCommunity({ withModels: false, sizes: SCALES.small })
  await withClient(database.url('application'), async (client) => {
    const { rows } = await client.query<Record<string, boolean>>(`
      select exists (select from upvotes where not is_upvote) as "down-votes",
             exists (select from comments where parent_id is not null) as replies,
             exists (select from comments where is_deleted) as "deleted comments",
             not exists (select from comments c join comments p on p.id = c.parent_id
                         where p.project_id <> c.project_id) as "replies in the project of what they answer",
             exists (select from projects where is_deleted) as "deleted projects",
             exists (select from projects where is_featured) as "featured projects",
             exists (select from projects p where not exists (select from validation_badges b where b.project_id = p.id))
               as "projects without a badge",
             exists (select from chains where not is_public) as "private chains",
             exists (select from chains where not is_active) as "inactive chains",
             exists (select from direct_messages where is_read) as "read messages",
             exists (select from direct_messages where not is_read) as "unread messages",
             not exists (select from users where updated_at <> created_at) as "no trace of when it was made"`)
    expect(Object.entries(rows[0] ?? {}).filter(([, found]) => !found)).toEqual([])
  })
})

test('sizes of which no community can be made are refused in words', () => {
  expect(sizesProblem(SCALES.plan)).toBeUndefined()
  expect(sizesProblem({ ...SCALES.tiny, users: 1 })).toContain('two users')
  expect(sizesProblem({ ...SCALES.tiny, projects: 0 })).toContain('one project')
  expect(sizesProblem({ ...SCALES.tiny, chains: 0 })).toContain('one chain')
  expect(sizesProblem({ ...SCALES.tiny, chainPosts: 0 })).toContain('one chain post')
})
