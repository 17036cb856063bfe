import { byKey, commonOf, scoreUnits, visibleProjects } from './by-hand.ts'
import type { Chain, Raw, Row } from './raw.ts'

const DAY_MS = 86_400_000

/** What those who look for a chain should find. */
export function chainsByHand(raw: Raw): readonly Row[] {
  const people = byKey(raw.users)
  const visible = new Set(raw.projects.filter((it) => !it.is_deleted).map(({ id }) => id))
  return publicChains(raw).map((chain) => {
    const { id, name, description, image_url, category, is_public, is_featured, created_at, creator_id } =
      chain
    const creator = people.get(creator_id)
    const posts = raw.chain_posts.filter((it) => it.chain_id === id && !it.is_deleted)
    const recent = posts.filter((it) => isWithin(raw, it.created_at, 7))
    const followers = raw.chain_followers.filter((it) => it.chain_id === id).length
    const projects = raw.chain_projects.filter(
      (it) => it.chain_id === id && visible.has(it.project_id),
    ).length
    return {
      ...{ id, name, description, image_url, category, is_public, is_featured, created_at, creator_id },
      creator_username: creator?.username,
      creator_profile_image: creator?.profile_image,
      follower_count: followers,
      project_count: projects,
      post_count: posts.length,
      trending_score: scoreUnits(followers * 3 + projects * 6 + recent.length),
    }
  })
}

/** What stands in the forums of public chains. */
export function chainPostsByHand(raw: Raw): readonly Row[] {
  const people = byKey(raw.users)
  const shown = byKey(publicChains(raw))
  return raw.chain_posts
    .filter((it) => !it.is_deleted && shown.has(it.chain_id))
    .map((post) => {
      const { id, chain_id, title, content, post_type, created_at, updated_at, is_pinned, author_id } = post
      const author = people.get(author_id)
      const votes = raw.chain_post_votes.filter((it) => it.post_id === id)
      const up = votes.filter((it) => it.is_upvote).length
      const comments = raw.chain_post_comments.filter((it) => it.post_id === id).length
      return {
        ...{ id, chain_id, title, content, post_type, created_at, updated_at, is_pinned, author_id },
        author_username: author?.username,
        author_profile_image: author?.profile_image,
        author_is_verified: author?.is_verified,
        upvote_count: up,
        comment_count: comments,
        trending_score: scoreUnits(15 * (2 * up - votes.length) + 20 * comments, created_at),
      }
    })
}

/** Who is listed as an investor. */
export function investorsByHand(raw: Raw): readonly Row[] {
  const people = byKey(raw.users)
  return approved(raw).map((request) => {
    const { id, user_id, status, created_at, approved_at, company_name, investment_focus } = request
    const { ticket_size, portfolio_url, linkedin_url } = request
    const user = people.get(user_id)
    const sent = raw.intro_requests.filter((it) => it.investor_id === user_id)
    return {
      ...{ id, user_id, status, created_at, approved_at, company_name, investment_focus },
      ...{ ticket_size, portfolio_url, linkedin_url },
      username: user?.username,
      profile_image: user?.profile_image,
      bio: user?.bio,
      intro_requests_sent: sent.length,
      intros_approved: sent.filter((it) => it.status === 'approved').length,
    }
  })
}

/** What the page of each investor should say. */
export function investorDashboardsByHand(raw: Raw): readonly Row[] {
  const chains = byKey(raw.chains)
  return approved(raw).map(({ user_id, company_name, investment_focus, ticket_size }) => {
    const sent = raw.intro_requests.filter((it) => it.investor_id === user_id)
    const of = (status: string) => sent.filter((it) => it.status === status).length
    const followed = raw.chain_followers
      .filter((it) => it.user_id === user_id)
      .flatMap(({ chain_id }) => chains.get(chain_id) ?? [])
      .filter((it) => it.is_active && it.creator_id !== user_id)
    return {
      ...{ user_id, company_name, investment_focus, ticket_size },
      intros_sent: sent.length,
      intros_pending: of('pending'),
      intros_approved: of('approved'),
      intros_rejected: of('rejected'),
      average_response_seconds: averageSeconds(sent),
      followed_builders: new Set(followed.map((it) => it.creator_id)).size,
    }
  })
}

/** What the page of each validator should say. */
export function validatorDashboardsByHand(raw: Raw): readonly Row[] {
  return raw.users
    .filter((it) => it.role === 'validator')
    .map(({ id, username }) => {
      const badges = raw.validation_badges.filter((it) => it.validator_id === id)
      const of = (type: string) => badges.filter((it) => it.badge_type === type).length
      return {
        user_id: id,
        username,
        badges_given: badges.length,
        stone: of('stone'),
        silver: of('silver'),
        gold: of('gold'),
        platinum: of('platinum'),
        demonstration: of('demonstration'),
        badges_30_days: badges.filter((it) => isWithin(raw, it.created_at, 30)).length,
      }
    })
}

/** What waits for a validator. */
export function awaitingByHand(raw: Raw): readonly Row[] {
  const validated = new Set(raw.validation_badges.map((it) => it.project_id))
  return visibleProjects(raw)
    .filter(({ project }) => !validated.has(project.id))
    .map(({ project: { id, title, category, proof_of_work_link, created_at, user_id }, author }) => ({
      ...{ id, title, category, proof_of_work_link, created_at, user_id },
      username: author.username,
    }))
}

/** What everybody may know of an active user. */
export function profilesByHand(raw: Raw): readonly Row[] {
  const owners = new Map(visibleProjects(raw).map(({ project }) => [project.id, project.user_id]))
  return activeUsers(raw).map((user) => {
    const { id, username, profile_image, bio, is_verified, role, created_at } = user
    const { projects, ...counts } = madeBy(raw, id)
    const latest = projects.toSorted(
      (a, b) =>
        (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0) || (a.id < b.id ? -1 : 1),
    )
    return {
      ...{ id, username, profile_image, bio, is_verified, role, created_at },
      is_listed: approved(raw).some((it) => it.user_id === id),
      ...counts,
      badges_received: raw.validation_badges.filter((it) => owners.get(it.project_id) === id).length,
      karma: projects.reduce((sum, it) => sum + it.proof_score, 0),
      recent_projects: latest.slice(0, 5).map((it) => ({
        id: it.id,
        title: it.title,
        category: it.category,
        proof_score: it.proof_score,
        created_at: it.created_at.replace(' ', 'T'),
      })),
    }
  })
}

/** The first thousand projects. */
export function projectLeaderboardByHand(raw: Raw): readonly Row[] {
  return ranked(
    visibleProjects(raw)
      .filter(({ project }) => project.proof_score > 0)
      .map(({ project, author }) => {
        const { id, title, image_url, proof_score, user_id, username, profile_image } = commonOf(
          project,
          author,
        )
        return {
          at: project.created_at,
          score: project.proof_score,
          row: {
            ...{ id, title, image_url, proof_score, user_id, username, profile_image },
            badge_count: raw.validation_badges.filter((it) => it.project_id === project.id).length,
            comment_count: raw.comments.filter((it) => it.project_id === project.id && !it.is_deleted).length,
            vote_count: raw.upvotes.filter((it) => it.project_id === project.id).length,
          },
        }
      }),
  )
}

/** The first thousand builders. */
export function builderLeaderboardByHand(raw: Raw): readonly Row[] {
  return ranked(
    activeUsers(raw).map((user) => {
      const { id, username, profile_image, bio, is_verified } = user
      const { projects, ...counts } = madeBy(raw, id)
      const score = projects.reduce((sum, it) => sum + it.proof_score, 0)
      return {
        at: user.created_at,
        score,
        row: { ...{ id, username, profile_image, bio, is_verified }, total_karma: score, ...counts },
      }
    }),
  )
}

/** What a search looks through, but for the vector. */
export function searchByHand(raw: Raw): readonly Row[] {
  const people = byKey(raw.users)
  const projects = visibleProjects(raw).map(({ project, author }) => ({
    ...entryOf('project', project.id, project.title, project.description, project.image_url),
    ...{ created_at: project.created_at, user_id: author.id, creator_username: author.username },
    relevance_score: project.proof_score,
  }))
  const users = activeUsers(raw).map((user) => ({
    ...entryOf('user', user.id, user.username, user.bio ?? '', user.profile_image),
    ...{ created_at: user.created_at, user_id: user.id, creator_username: user.username },
    relevance_score: madeBy(raw, user.id).projects.length,
  }))
  const chains = publicChains(raw).map((chain) => ({
    ...entryOf('chain', chain.id, chain.name, chain.description, chain.image_url),
    ...{ created_at: chain.created_at, user_id: chain.creator_id },
    creator_username: people.get(chain.creator_id)?.username,
    relevance_score: raw.chain_followers.filter((it) => it.chain_id === chain.id).length,
  }))
  return [...projects, ...users, ...chains]
}

const entryOf = (
  result_type: string,
  id: string,
  name: string,
  description: string,
  image_url: string | null,
) => ({
  ...{ result_type, id, name, description, image_url },
})

function ranked(entries: readonly { readonly at: string; readonly score: number; readonly row: Row }[]) {
  return entries
    .toSorted(
      (a, b) =>
        b.score - a.score ||
        (a.at < b.at ? -1 : a.at > b.at ? 1 : 0) ||
        (String(a.row['id']) < String(b.row['id']) ? -1 : 1),
    )
    .slice(0, 1000)
    .map(({ row }, i) => ({ ...row, rank: i + 1 }))
}

function madeBy(raw: Raw, user: string) {
  const projects = raw.projects.filter((it) => it.user_id === user && !it.is_deleted)
  return {
    projects,
    project_count: projects.length,
    badges_given: raw.validation_badges.filter((it) => it.validator_id === user).length,
    comment_count: raw.comments.filter((it) => it.user_id === user && !it.is_deleted).length,
  }
}

function activeUsers({ users }: Raw) {
  return users.filter((it) => it.is_active)
}

function publicChains({ chains }: Raw): readonly Chain[] {
  return chains.filter((it) => it.is_public && it.is_active)
}

function approved({ investor_requests }: Raw) {
  return investor_requests.filter((it) => it.status === 'approved')
}

/** Of those that were answered, to the millisecond, halves away from zero; null where none was. */
function averageSeconds(
  requests: readonly { readonly created_at: string; readonly responded_at: string | null }[],
) {
  const waits = requests.flatMap(({ created_at, responded_at }) =>
    responded_at === null ? [] : [microseconds(responded_at) - microseconds(created_at)],
  )
  if (waits.length === 0) return null
  const sum = waits.reduce((all, it) => all + it, 0n)
  const divisor = 1_000n * BigInt(waits.length)
  const size = (2n * (sum < 0n ? -sum : sum) + divisor) / (2n * divisor)
  const digits = String(size).padStart(4, '0')
  return `${sum < 0n && size > 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`
}

/** A Date holds milliseconds, the server counts a thousand times finer. */
function microseconds(moment: string): bigint {
  const [whole = '', fraction = ''] = moment.split('.')
  return BigInt(Date.parse(`${whole}Z`)) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}

function isWithin({ now }: Raw, moment: string, days: number): boolean {
  return Date.parse(`${moment}Z`) > Date.parse(`${now}Z`) - days * DAY_MS
}

/** What the administrators see: one row. */
export function adminDashboardByHand(raw: Raw): readonly Row[] {
  const since = (rows: readonly { readonly created_at: string }[], days: number) =>
    rows.filter((it) => isWithin(raw, it.created_at, days)).length
  const both = (name: string, rows: readonly { readonly created_at: string }[]) => ({
    [`${name}_day`]: since(rows, 1),
    [`${name}_week`]: since(rows, 7),
  })
  return [
    {
      id: 1,
      ...both('users', raw.users),
      ...both('projects', raw.projects),
      ...both('votes', raw.upvotes),
      ...both('comments', raw.comments),
      ...both('badges', raw.validation_badges),
      investor_requests_pending: raw.investor_requests.filter(({ status }) => status === 'pending').length,
      reports_open: raw.reports.filter(({ status }) => status === 'open').length,
      feedback_open: raw.feedback.filter(({ status }) => status === 'open').length,
    },
  ]
}
