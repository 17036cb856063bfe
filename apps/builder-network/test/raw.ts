/** The base tables as they are: whole rows, timestamps as text. */
export interface Raw {
  readonly users: readonly User[]
  readonly projects: readonly Project[]
  readonly comments: readonly Comment[]
  readonly upvotes: readonly Vote[]
  readonly validation_badges: readonly Badge[]
  readonly direct_messages: readonly Message[]
  readonly notifications: readonly Notification[]
  readonly intro_requests: readonly IntroRequest[]
  readonly chains: readonly Chain[]
  readonly chain_projects: readonly { readonly chain_id: string; readonly project_id: string }[]
  readonly chain_followers: readonly { readonly chain_id: string; readonly user_id: string }[]
  readonly chain_posts: readonly ChainPost[]
  readonly chain_post_votes: readonly { readonly post_id: string; readonly is_upvote: boolean }[]
  readonly chain_post_comments: readonly { readonly post_id: string }[]
  readonly investor_requests: readonly InvestorRequest[]
  readonly reports: readonly Closable[]
  readonly feedback: readonly Closable[]
  /** The moment at which they were read. */
  readonly now: string
}

export interface User {
  readonly id: string
  readonly username: string
  readonly profile_image: string | null
  readonly bio: string | null
  readonly is_verified: boolean
  readonly is_active: boolean
  readonly role: string
  readonly created_at: string
}
export interface Project {
  readonly id: string
  readonly user_id: string
  readonly title: string
  readonly description: string
  readonly proof_of_work_link: string | null
  readonly image_url: string | null
  readonly category: string
  readonly proof_score: number
  readonly is_featured: boolean
  readonly is_deleted: boolean
  readonly created_at: string
  readonly updated_at: string
}
interface Comment {
  readonly created_at: string
  readonly project_id: string
  readonly user_id: string
  readonly parent_id: string | null
  readonly is_deleted: boolean
}
interface Vote {
  readonly created_at: string
  readonly project_id: string
  readonly is_upvote: boolean
}
interface Badge {
  readonly id: string
  readonly project_id: string
  readonly validator_id: string
  readonly badge_type: string
  readonly created_at: string
}
export interface Message {
  readonly id: string
  readonly sender_id: string
  readonly recipient_id: string
  readonly message: string
  readonly is_read: boolean
  readonly created_at: string
}
interface Notification {
  readonly user_id: string
  readonly is_read: boolean
}
interface IntroRequest {
  readonly investor_id: string
  readonly builder_id: string
  readonly status: 'pending' | 'approved' | 'rejected'
  readonly created_at: string
  readonly responded_at: string | null
}
export interface Chain {
  readonly id: string
  readonly creator_id: string
  readonly name: string
  readonly description: string
  readonly image_url: string | null
  readonly category: string
  readonly is_public: boolean
  readonly is_featured: boolean
  readonly is_active: boolean
  readonly created_at: string
}
interface ChainPost {
  readonly id: string
  readonly chain_id: string
  readonly author_id: string
  readonly title: string
  readonly content: string
  readonly post_type: string
  readonly is_pinned: boolean
  readonly is_deleted: boolean
  readonly created_at: string
  readonly updated_at: string
}
interface Closable {
  readonly status: 'open' | 'closed'
}
interface InvestorRequest {
  readonly id: string
  readonly user_id: string
  readonly status: string
  readonly company_name: string | null
  readonly investment_focus: string | null
  readonly ticket_size: string | null
  readonly portfolio_url: string | null
  readonly linkedin_url: string | null
  readonly created_at: string
  readonly approved_at: string | null
}

export const TABLES: readonly Exclude<keyof Raw, 'now'>[] = [
  'users',
  'projects',
  'comments',
  'upvotes',
  'validation_badges',
  'direct_messages',
  'notifications',
  'intro_requests',
  'chains',
  'chain_projects',
  'chain_followers',
  'chain_posts',
  'chain_post_votes',
  'chain_post_comments',
  'investor_requests',
  'reports',
  'feedback',
]

export type Row = Readonly<Record<string, unknown>>
