import { createHash } from 'node:crypto'
import type { Message, Project, Raw, Row, User } from './raw.ts'

/** What the feed should be, worked out from the rows without a database. */
export function feedByHand(raw: Raw): readonly Row[] {
  return visibleProjects(raw).map(({ project, author }) => {
    const comments = raw.comments.filter((it) => it.project_id === project.id && !it.is_deleted)
    const votes = raw.upvotes.filter((it) => it.project_id === project.id)
    const up = votes.filter((it) => it.is_upvote).length
    return {
      ...commonOf(project, author),
      is_featured: project.is_featured,
      comment_count: comments.filter((it) => it.parent_id === null).length,
      upvote_count: up,
      badge_count: raw.validation_badges.filter((it) => it.project_id === project.id).length,
      trending_score: trendingScore(project, comments.length, up - (votes.length - up)),
    }
  })
}

/** What the page of each project should be. */
export function detailsByHand(raw: Raw): readonly Row[] {
  const names = new Map(raw.users.map((it) => [it.id, it.username]))
  const chains = new Map(raw.chains.map((it) => [it.id, it]))
  return visibleProjects(raw).map(({ project, author }) => {
    const own = <T extends { readonly project_id: string }>(rows: readonly T[]) =>
      rows.filter((it) => it.project_id === project.id)
    const badges = own(raw.validation_badges).toSorted(
      (a, b) => compare(b.created_at, a.created_at) || compare(a.id, b.id),
    )
    const shown = own(raw.chain_projects)
      .flatMap(({ chain_id }) => chains.get(chain_id) ?? [])
      .filter((it) => it.is_public && it.is_active)
      .toSorted((a, b) => compare(a.name, b.name) || compare(a.id, b.id))
    return {
      ...commonOf(project, author),
      creator_bio: author.bio,
      comment_count: own(raw.comments).filter((it) => it.parent_id === null && !it.is_deleted).length,
      vote_count: own(raw.upvotes).length,
      badge_count: badges.length,
      badges_json: badges.map((it) => ({
        id: it.id,
        badge_type: it.badge_type,
        validator_id: it.validator_id,
        validator_username: names.get(it.validator_id),
        created_at: it.created_at.replace(' ', 'T'),
      })),
      chains_json: shown.map(({ id, name, image_url }) => ({ id, name, image_url })),
    }
  })
}

/** What the inbox of everybody should be. */
export function conversationsByHand({ direct_messages }: Raw): readonly Row[] {
  const pairs = new Map<string, { user: string; other: string; messages: Message[] }>()
  for (const message of direct_messages) {
    const { sender_id: from, recipient_id: to } = message
    for (const [user, other] of [
      [from, to],
      [to, from],
    ] as const) {
      const pair = pairs.get(user + other) ?? { user, other, messages: [] }
      pair.messages.push(message)
      pairs.set(user + other, pair)
    }
  }
  return [...pairs.values()].map(({ user, other, messages }) => {
    const inOrder = messages.toSorted((a, b) => compare(a.created_at, b.created_at) || compare(a.id, b.id))
    const last = inOrder.at(-1)
    return {
      id: asUuid(createHash('md5').update(`${user}${other}`).digest('hex')),
      user_id: user,
      other_user_id: other,
      last_message_id: last?.id,
      last_message_text: last?.message,
      last_message_time: last?.created_at,
      last_sender_id: last?.sender_id,
      unread_count: messages.filter((it) => it.recipient_id === user && !it.is_read).length,
      total_messages: messages.length,
      created_at: inOrder[0]?.created_at,
      updated_at: last?.created_at,
    }
  })
}

/** How much is said on each project of which anything is. */
export function discussionsByHand({ comments }: Raw): readonly Row[] {
  const said = comments.filter((it) => !it.is_deleted).map((it) => it.project_id)
  return [...new Set(said)].map((project_id) => ({
    project_id,
    said_count: said.filter((it) => it === project_id).length,
  }))
}

export function visibleProjects({ projects, users }: Raw): readonly { project: Project; author: User }[] {
  const people = byKey(users)
  return projects
    .filter((it) => !it.is_deleted)
    .flatMap((project) => {
      const author = people.get(project.user_id)
      return author === undefined ? [] : [{ project, author }]
    })
}

export function commonOf(project: Project, { username, profile_image, is_verified }: User): Row {
  const { id, title, description, proof_of_work_link, image_url, category } = project
  const { proof_score, user_id, created_at, updated_at } = project
  return {
    ...{ id, title, description, proof_of_work_link, image_url, category },
    ...{ proof_score, user_id, created_at, updated_at },
    ...{ username, profile_image, is_verified },
  }
}

/**
 * Half the proof score, 2 for a comment, 1.5 for a vote up and as much less for one down, 0.1 for each hour since the
 * first day.
 */
function trendingScore({ proof_score, created_at }: Project, comments: number, votes: number): string {
  return scoreUnits(proof_score * 5 + comments * 20 + votes * 15, created_at)
}

/**
 * A score of so many tenths, and 0.1 for each hour from the first day to `moment`: as a whole number of units of the eleventh
 * decimal, which is its last.
 */
export function scoreUnits(tenths: number, moment?: string): string {
  const units = BigInt(tenths) * 10n ** 10n
  if (moment === undefined) return String(units)
  const milliseconds = Date.parse(`${moment.slice(0, 19)}Z`) - Date.UTC(2026, 0, 1)
  const microseconds = BigInt(milliseconds) * 1_000n + BigInt(moment.slice(20).padEnd(6, '0'))
  return String(units + rounded(microseconds * 10n ** 10n, 3_600_000_000n))
}

export function byKey<T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rows.map((it) => [it.id, it]))
}

/** The nearest whole number of a quotient; halves go away from zero, as PostgreSQL's numeric rounds. */
function rounded(value: bigint, by: bigint): bigint {
  const away = value < 0n ? -by : by
  return (2n * value + away) / (2n * by)
}

function asUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
