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
}

export interface User {
  readonly id: string
  readonly username: string
  readonly profile_image: string | null
  readonly bio: string | null
  readonly is_verified: boolean
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
  readonly project_id: string
  readonly user_id: string
  readonly parent_id: string | null
  readonly is_deleted: boolean
}
interface Vote {
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
}
interface Chain {
  readonly id: string
  readonly name: string
  readonly image_url: string | null
  readonly is_public: boolean
  readonly is_active: boolean
}

export const TABLES: readonly (keyof Raw)[] = [
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
]

export type Row = Readonly<Record<string, unknown>>
