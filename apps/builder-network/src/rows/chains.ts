import { CATEGORIES, QUALITIES, SENTENCES, THINGS } from '../words.ts'
import { someTime, type BatchMaker } from './batch.ts'
import { chain, idOf, someone, something, user } from './ids.ts'

export const chains: BatchMaker = (random, sizes) => ({
  table: 'chains',
  columns: {
    id: 'uuid',
    creator_id: 'uuid',
    name: 'text',
    description: 'text',
    category: 'text',
    is_public: 'bool',
    is_featured: 'bool',
    is_active: 'bool',
    created_at: 'timestamp',
  },
  rows: sizes.chains,
  row: (i) => [
    chain(i),
    someone(random, sizes),
    `${random.pick(QUALITIES)} ${random.pick(THINGS)}s`,
    random.pick(SENTENCES),
    random.pick(CATEGORIES),
    // However few there are, one is private and one is closed.
    i % 6 !== 3,
    random.below(20) === 0,
    i % 20 !== 4,
    someTime(random),
  ],
})

export const chainFollowers: BatchMaker = (random, sizes) => ({
  table: 'chain_followers',
  columns: { chain_id: 'uuid', user_id: 'uuid', created_at: 'timestamp' },
  rows: sizes.chainFollowers,
  row: () => [chain(random.skewed(sizes.chains)), user(random.below(sizes.users)), someTime(random)],
})

export const chainProjects: BatchMaker = (random, sizes) => ({
  table: 'chain_projects',
  columns: { chain_id: 'uuid', project_id: 'uuid', added_by: 'uuid', created_at: 'timestamp' },
  rows: sizes.chainProjects,
  row: () => [
    chain(random.skewed(sizes.chains)),
    something(random, sizes),
    someone(random, sizes),
    someTime(random),
  ],
})

const POST_TYPES = ['discussion', 'discussion', 'question', 'announcement']

export const chainPosts: BatchMaker = (random, sizes) => ({
  table: 'chain_posts',
  columns: {
    id: 'uuid',
    chain_id: 'uuid',
    author_id: 'uuid',
    title: 'text',
    content: 'text',
    post_type: 'text',
    is_pinned: 'bool',
    is_deleted: 'bool',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
  rows: sizes.chainPosts,
  row: (i) => {
    const at = someTime(random)
    return [
      idOf('9', i),
      chain(random.skewed(sizes.chains)),
      someone(random, sizes),
      `${random.pick(QUALITIES)} ${random.pick(THINGS)}`,
      random.pick(SENTENCES),
      random.pick(POST_TYPES),
      random.below(30) === 0,
      random.below(40) === 0,
      at,
      at,
    ]
  },
})

export const chainPostVotes: BatchMaker = (random, sizes) => ({
  table: 'chain_post_votes',
  columns: { post_id: 'uuid', user_id: 'uuid', is_upvote: 'bool', created_at: 'timestamp' },
  rows: sizes.chainPostVotes,
  row: () => [
    idOf('9', random.skewed(sizes.chainPosts)),
    user(random.below(sizes.users)),
    random.below(8) > 0,
    someTime(random),
  ],
})

export const chainPostComments: BatchMaker = (random, sizes) => ({
  table: 'chain_post_comments',
  columns: { id: 'uuid', post_id: 'uuid', author_id: 'uuid', content: 'text', created_at: 'timestamp' },
  rows: sizes.chainPostComments,
  row: (i) => [
    idOf('7', i),
    idOf('9', random.skewed(sizes.chainPosts)),
    someone(random, sizes),
    random.pick(SENTENCES),
    someTime(random),
  ],
})
