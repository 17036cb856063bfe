/** What a post in a forum may be. */
export const POST_TYPES = ['discussion', 'question', 'announcement'] as const
