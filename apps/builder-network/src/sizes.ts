/** How much data the generator makes. */
export interface Sizes {
  readonly users: number
  readonly projects: number
  readonly votes: number
  readonly comments: number
  readonly badges: number
  readonly messages: number
  readonly notifications: number
  readonly chains: number
  readonly chainFollowers: number
  readonly chainProjects: number
  readonly chainPosts: number
  readonly chainPostVotes: number
  readonly chainPostComments: number
  readonly investorRequests: number
  readonly introRequests: number
  readonly reports: number
  readonly feedback: number
}

const PLAN: Sizes = {
  users: 10_000,
  projects: 10_000,
  votes: 100_000,
  comments: 50_000,
  badges: 20_000,
  messages: 50_000,
  notifications: 50_000,
  chains: 500,
  chainFollowers: 20_000,
  chainProjects: 5_000,
  chainPosts: 5_000,
  chainPostVotes: 20_000,
  chainPostComments: 10_000,
  investorRequests: 200,
  introRequests: 5_000,
  reports: 300,
  feedback: 200,
}

/** `plan` is the community that the plan's figures were measured on; the others are a part or a multiple of it. */
export const SCALES = {
  tiny: scaled(0.01),
  small: scaled(0.05),
  medium: scaled(0.2),
  plan: PLAN,
  large: scaled(10),
} as const
export type Scale = keyof typeof SCALES

export const SIZE_NAMES = Object.keys(PLAN) as readonly (keyof Sizes)[]

function scaled(factor: number): Sizes {
  const entries = Object.entries(PLAN).map(
    ([name, size]) => [name, Math.round(Number(size) * factor)] as const,
  )
  return Object.fromEntries(entries) as Record<keyof Sizes, number>
}

/** Why no community of these sizes can be made; undefined where it can. */
export function sizesProblem(sizes: Sizes): string | undefined {
  const { users, projects, chains, chainPosts } = sizes
  if (users < 2) return 'there must be at least two users: they write to each other'
  if (projects < 1) return 'there must be at least one project'
  const ofChains = sizes.chainFollowers + sizes.chainProjects + chainPosts
  if (chains < 1 && ofChains > 0) return 'there must be at least one chain to follow, fill and post in'
  if (chainPosts < 1 && sizes.chainPostVotes + sizes.chainPostComments > 0)
    return 'there must be at least one chain post to vote on and answer'
  return undefined
}
