import { BADGES, CATEGORIES, QUALITIES, SENTENCES, THINGS } from '../words.ts'
import type { Sizes } from '../sizes.ts'
import { someTime, type BatchMaker } from './batch.ts'
import { idOf, project, someone, something, user } from './ids.ts'

export const projects: BatchMaker = (random, sizes) => ({
  table: 'projects',
  columns: {
    id: 'uuid',
    user_id: 'uuid',
    title: 'text',
    description: 'text',
    category: 'text',
    proof_score: 'int',
    is_featured: 'bool',
    is_deleted: 'bool',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
  rows: sizes.projects,
  row: (i) => {
    const at = someTime(random)
    return [
      project(i),
      someone(random, sizes),
      `${random.pick(QUALITIES)} ${random.pick(THINGS)} ${String(i)}`,
      random.pick(SENTENCES),
      random.pick(CATEGORIES),
      Math.floor(random.next() ** 2 * 100),
      random.below(40) === 0,
      random.below(30) === 0,
      at,
      at,
    ]
  },
})

export const upvotes: BatchMaker = (random, sizes) => ({
  table: 'upvotes',
  columns: { user_id: 'uuid', project_id: 'uuid', is_upvote: 'bool', created_at: 'timestamp' },
  rows: sizes.votes,
  row: () => [
    user(random.below(sizes.users)),
    something(random, sizes),
    random.below(8) > 0,
    someTime(random),
  ],
})

export const comments: BatchMaker = (random, sizes) => ({
  table: 'comments',
  columns: {
    id: 'uuid',
    project_id: 'uuid',
    user_id: 'uuid',
    parent_id: 'uuid',
    content: 'text',
    is_deleted: 'bool',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
  rows: sizes.comments,
  row: (i) => {
    const at = someTime(random)
    return [
      idOf('c', i),
      project(commentProject(i, sizes)),
      someone(random, sizes),
      isReply(i) ? idOf('c', i - 1) : null,
      random.pick(SENTENCES),
      random.below(50) === 0,
      at,
      at,
    ]
  },
})

/** Three of ten comments answer the one before them. */
function isReply(index: number): boolean {
  return index % 10 < 3 && index > 0
}

/** The project of a comment, decided by its number alone: a reply is where the comment it answers is. */
function commentProject(index: number, sizes: Sizes): number {
  if (isReply(index)) return commentProject(index - 1, sizes)
  const spread = (Math.imul(index + 1, 0x85ebca6b) >>> 0) / 4_294_967_296
  return Math.floor(spread ** 3 * sizes.projects)
}

export const badges: BatchMaker = (random, sizes) => ({
  table: 'validation_badges',
  columns: {
    id: 'uuid',
    project_id: 'uuid',
    validator_id: 'uuid',
    badge_type: 'text',
    created_at: 'timestamp',
  },
  rows: sizes.badges,
  row: (i) => [
    idOf('d', i),
    something(random, sizes),
    someone(random, sizes),
    random.pick(BADGES),
    someTime(random),
  ],
})
