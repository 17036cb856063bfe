import type { Client } from 'pg'
import { randomFrom, type Random } from './random.ts'
import type { Sizes } from './sizes.ts'
import { BADGES, CATEGORIES, NAMES, QUALITIES, SENTENCES, THINGS } from './words.ts'

export interface SeedOptions {
  readonly seed: number
  readonly sizes: Sizes
  readonly onProgress?: ((table: string, done: number, total: number) => void) | undefined
}

/** Rows of one table, a column at a time: what `unnest` wants. */
interface Batch {
  readonly table: string
  readonly columns: Readonly<Record<string, string>>
  readonly rows: number
  readonly row: (index: number) => readonly unknown[]
}

const BATCH = 5_000
const DAY_ZERO = Date.UTC(2026, 0, 1)
const DAYS = 300

/** Fills empty base tables. The same seed and sizes give the same rows, to the last bit. */
export async function seedDatabase(client: Client, { seed, sizes, onProgress }: SeedOptions): Promise<void> {
  const batches = batchesOf(randomFrom(seed), sizes)
  const total = batches.reduce((sum, { rows }) => sum + rows, 0)
  let done = 0
  for (const batch of batches) {
    for (let from = 0; from < batch.rows; from += BATCH) {
      const to = Math.min(batch.rows, from + BATCH)
      await insert(client, batch, from, to)
      done += to - from
      onProgress?.(batch.table, done, total)
    }
  }
  await client.query('analyze')
}

async function insert(
  client: Client,
  { table, columns, row }: Batch,
  from: number,
  to: number,
): Promise<void> {
  const rows = Array.from({ length: to - from }, (_, i) => row(from + i))
  const names = Object.keys(columns)
  const arrays = Object.values(columns).map((type, i) => `$${String(i + 1)}::${type}[]`)
  // Skewed pairs repeat: the first stays.
  await client.query(
    `insert into ${table} (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) on conflict do nothing`,
    names.map((_, i) => rows.map((values) => values[i])),
  )
}

/** Ids that look random and are not: the table's letter and the row's number. */
export function idOf(letter: string, index: number): string {
  const tail = index.toString(16).padStart(12, '0')
  const head = Math.imul(index + 1, 0x9e3779b1) >>> 0
  return `${head.toString(16).padStart(8, '0')}-0000-4000-8000-${letter}${tail.slice(1)}`
}

export const user = (index: number) => idOf('a', index)
export const project = (index: number) => idOf('b', index)

function batchesOf(random: Random, sizes: Sizes): readonly Batch[] {
  const when = () =>
    new Date(DAY_ZERO + Math.floor(random.next() * DAYS * 86_400_000)).toISOString().slice(0, 23)
  const anyone = () => user(random.skewed(sizes.users))
  const anything = () => project(random.skewed(sizes.projects))
  return [
    {
      table: 'users',
      columns: {
        id: 'uuid',
        username: 'text',
        email: 'text',
        bio: 'text',
        is_verified: 'bool',
        is_active: 'bool',
        role: 'text',
        created_at: 'timestamp',
      },
      rows: sizes.users,
      row: (i) => {
        const name = `${random.pick(NAMES)}_${String(i)}`
        const role = random.pick(['builder', 'builder', 'builder', 'builder', 'validator', 'investor'])
        return [
          user(i),
          name,
          `${name}@example.org`,
          random.pick(SENTENCES),
          random.below(5) === 0,
          random.below(50) > 0,
          role,
          when(),
        ]
      },
    },
    {
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
      },
      rows: sizes.projects,
      row: (i) => {
        const title = `${random.pick(QUALITIES)} ${random.pick(THINGS)} ${String(i)}`
        const score = Math.floor(random.next() ** 2 * 100)
        return [
          project(i),
          anyone(),
          title,
          random.pick(SENTENCES),
          random.pick(CATEGORIES),
          score,
          random.below(40) === 0,
          random.below(30) === 0,
          when(),
        ]
      },
    },
    {
      table: 'upvotes',
      columns: { user_id: 'uuid', project_id: 'uuid', is_upvote: 'bool', created_at: 'timestamp' },
      rows: sizes.votes,
      row: () => [user(random.below(sizes.users)), anything(), random.below(8) > 0, when()],
    },
    {
      table: 'comments',
      columns: {
        id: 'uuid',
        project_id: 'uuid',
        user_id: 'uuid',
        parent_id: 'uuid',
        content: 'text',
        created_at: 'timestamp',
      },
      rows: sizes.comments,
      // A reply follows the comment it answers by one, in the same project.
      row: (i) => [
        idOf('c', i),
        project(commentProject(i, sizes)),
        anyone(),
        isReply(i) ? idOf('c', i - 1) : null,
        random.pick(SENTENCES),
        when(),
      ],
    },
    {
      table: 'validation_badges',
      columns: {
        id: 'uuid',
        project_id: 'uuid',
        validator_id: 'uuid',
        badge_type: 'text',
        created_at: 'timestamp',
      },
      rows: sizes.badges,
      row: (i) => [idOf('d', i), anything(), anyone(), random.pick(BADGES), when()],
    },
    {
      table: 'direct_messages',
      columns: {
        id: 'uuid',
        sender_id: 'uuid',
        recipient_id: 'uuid',
        message: 'text',
        is_read: 'bool',
        created_at: 'timestamp',
      },
      rows: sizes.messages,
      row: (i) => {
        const from = random.skewed(sizes.users)
        const to = (from + 1 + random.skewed(sizes.users - 1)) % sizes.users
        return [idOf('e', i), user(from), user(to), random.pick(SENTENCES), random.below(3) > 0, when()]
      },
    },
    {
      table: 'chains',
      columns: {
        id: 'uuid',
        creator_id: 'uuid',
        name: 'text',
        category: 'text',
        is_public: 'bool',
        created_at: 'timestamp',
      },
      rows: sizes.chains,
      row: (i) => [
        idOf('f', i),
        anyone(),
        `${random.pick(QUALITIES)} ${random.pick(THINGS)}s`,
        random.pick(CATEGORIES),
        random.below(6) > 0,
        when(),
      ],
    },
    {
      table: 'chain_projects',
      columns: { chain_id: 'uuid', project_id: 'uuid', created_at: 'timestamp' },
      rows: sizes.chainProjects,
      row: () => [idOf('f', random.skewed(sizes.chains)), anything(), when()],
    },
  ]
}

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
