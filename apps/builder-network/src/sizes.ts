/** How much data the generator makes. */
export interface Sizes {
  readonly users: number
  readonly projects: number
  readonly votes: number
  readonly comments: number
  readonly badges: number
  readonly messages: number
  readonly chains: number
  readonly chainProjects: number
}

const PLAN: Sizes = {
  users: 10_000,
  projects: 10_000,
  votes: 100_000,
  comments: 50_000,
  badges: 20_000,
  messages: 50_000,
  chains: 500,
  chainProjects: 5_000,
}

/** `plan` is the community that the plan's figures were measured on; the others are a part or a multiple of it. */
export const SCALES = { small: scaled(0.05), medium: scaled(0.2), plan: PLAN, large: scaled(10) } as const
export type Scale = keyof typeof SCALES

function scaled(factor: number): Sizes {
  const entries = Object.entries(PLAN).map(
    ([name, size]) => [name, Math.round(Number(size) * factor)] as const,
  )
  return Object.fromEntries(entries) as Record<keyof Sizes, number>
}
