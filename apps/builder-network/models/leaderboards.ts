import { leaderboard, sql } from 'millrace'
import { z } from 'zod'

export const rankedProject = z.object({
  id: z.uuid(),
  title: z.string(),
  image_url: z.string().nullable(),
  category: z.string(),
  proof_score: z.number(),
  created_at: z.iso.datetime(),
  user_id: z.uuid(),
  username: z.string(),
  profile_image: z.string().nullable(),
  badge_count: z.number(),
  comment_count: z.number().describe('Answers to comments too'),
  vote_count: z.number().describe('Votes up and down'),
})

/**
 * Projects by proof score; of those of one score the older comes first. `mv_leaderboard_projects` is a view of the first
 * thousand.
 */
export const projectRanks = leaderboard('project_ranks', {
  key: 'id',
  query: sql<z.infer<typeof rankedProject>>`
    select p.id, p.title, p.image_url, p.category, p.proof_score, p.created_at, p.user_id, u.username, u.profile_image,
           (select count(*) from validation_badges b where b.project_id = p.id) as badge_count,
           (select count(*) from comments c where c.project_id = p.id and not c.is_deleted) as comment_count,
           (select count(*) from upvotes v where v.project_id = p.id) as vote_count
    from projects p
    join users u on u.id = p.user_id
    where not p.is_deleted and p.proof_score > 0`,
  score: 'proof_score desc',
  ties: ['created_at'],
  within: [['category']],
  indexes: [
    { name: 'idx_mv_leaderboard_projects_id', columns: ['id'], unique: true },
    { name: 'idx_mv_leaderboard_projects_score', columns: ['proof_score desc', 'created_at', 'id'] },
  ],
})

export const rankedBuilder = z.object({
  id: z.uuid(),
  username: z.string(),
  profile_image: z.string().nullable(),
  bio: z.string().nullable(),
  is_verified: z.boolean(),
  created_at: z.iso.datetime(),
  total_karma: z.number(),
  project_count: z.number(),
  badges_given: z.number(),
  comment_count: z.number(),
})

/** Active users by karma, which is the sum of the proof scores of their visible projects. */
export const builderRanks = leaderboard('builder_ranks', {
  key: 'id',
  query: sql<z.infer<typeof rankedBuilder>>`
    select u.id, u.username, u.profile_image, u.bio, u.is_verified, u.created_at,
           coalesce((select sum(p.proof_score) from projects p where p.user_id = u.id and not p.is_deleted), 0) as total_karma,
           (select count(*) from projects p where p.user_id = u.id and not p.is_deleted) as project_count,
           (select count(*) from validation_badges b where b.validator_id = u.id) as badges_given,
           (select count(*) from comments c where c.user_id = u.id and not c.is_deleted) as comment_count
    from users u
    where u.is_active`,
  score: 'total_karma desc',
  ties: ['created_at'],
  indexes: [
    { name: 'idx_mv_leaderboard_builders_id', columns: ['id'], unique: true },
    { name: 'idx_mv_leaderboard_builders_karma', columns: ['total_karma desc', 'created_at', 'id'] },
  ],
})
