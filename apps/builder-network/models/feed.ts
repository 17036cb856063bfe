import { readModel, sql } from 'millrace'
import { z } from 'zod'

/** A row of the feed, with its values as JSON has them. */
export const feedRow = z.object({
  id: z.uuid(),
  title: z.string(),
  description: z.string(),
  proof_of_work_link: z.string().nullable(),
  image_url: z.string().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  is_featured: z.boolean(),
  category: z.string(),
  user_id: z.uuid(),
  username: z.string(),
  profile_image: z.string().nullable(),
  is_verified: z.boolean(),
  proof_score: z.number(),
  comment_count: z.number().describe('On the project itself; answers to comments are not counted'),
  upvote_count: z.number().describe('Votes up'),
  badge_count: z.number(),
  trending_score: z.number(),
})

/**
 * The feed. `trending_score` leaves the age out of what is stored: score − 0.1 · hours of age orders rows as
 * score + 0.1 · hours from a fixed day to their creation does, and that never changes as time passes; ten
 * decimals keep microseconds apart. A down-vote lowers it by what an up-vote raises it.
 */
export const feed = readModel('mv_feed_projects', {
  key: 'id',
  freshness: 'eventual',
  query: sql<z.infer<typeof feedRow>>`
    select p.id, p.title, p.description, p.proof_of_work_link, p.image_url, p.created_at, p.updated_at,
           p.is_featured, p.category, p.user_id, u.username, u.profile_image, u.is_verified, p.proof_score,
           (select count(*) from comments c
            where c.project_id = p.id and c.parent_id is null and not c.is_deleted) as comment_count,
           (select count(*) from upvotes v where v.project_id = p.id and v.is_upvote) as upvote_count,
           (select count(*) from validation_badges b where b.project_id = p.id) as badge_count,
           0.5 * p.proof_score
             + 2 * (select count(*) from comments c where c.project_id = p.id and not c.is_deleted)
             + 1.5 * (select count(*) filter (where v.is_upvote) - count(*) filter (where not v.is_upvote)
                      from upvotes v where v.project_id = p.id)
             + 0.1 * round(extract(epoch from p.created_at - timestamp '2026-01-01') / 3600, 10) as trending_score
    from projects p
    join users u on u.id = p.user_id
    where not p.is_deleted`,
  indexes: [
    { name: 'idx_mv_feed_id', columns: ['id'], unique: true },
    { name: 'idx_mv_feed_trending', columns: ['trending_score desc', 'id'] },
    { name: 'idx_mv_feed_proof_score', columns: ['proof_score desc', 'id'] },
    { name: 'idx_mv_feed_created', columns: ['created_at desc', 'id'] },
    { name: 'idx_mv_feed_category', columns: ['category', 'trending_score desc'] },
    { name: 'idx_mv_feed_featured', columns: ['is_featured', 'trending_score desc'], where: 'is_featured' },
  ],
})
