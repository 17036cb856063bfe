import { readModel, sql } from 'millrace'
import { z } from 'zod'

export const chainRow = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  image_url: z.string().nullable(),
  category: z.string(),
  is_public: z.boolean(),
  is_featured: z.boolean(),
  created_at: z.iso.datetime(),
  creator_id: z.uuid(),
  creator_username: z.string(),
  creator_profile_image: z.string().nullable(),
  follower_count: z.number(),
  project_count: z.number().describe('Visible projects'),
  post_count: z.number(),
  trending_score: z.number(),
})

/** Public chains, for those who look for one. Posts count as recent for seven days, which Millrace follows by itself. */
export const chains = readModel('mv_chains_discovery', {
  key: 'id',
  freshness: 'eventual',
  query: sql<z.infer<typeof chainRow>>`
    select c.id, c.name, c.description, c.image_url, c.category, c.is_public, c.is_featured, c.created_at, c.creator_id,
           u.username as creator_username, u.profile_image as creator_profile_image,
           (select count(*) from chain_followers f where f.chain_id = c.id) as follower_count,
           (select count(*) from chain_projects l join projects p on p.id = l.project_id
            where l.chain_id = c.id and not p.is_deleted) as project_count,
           (select count(*) from chain_posts t where t.chain_id = c.id and not t.is_deleted) as post_count,
           0.3 * (select count(*) from chain_followers f where f.chain_id = c.id)
             + 0.6 * (select count(*) from chain_projects l join projects p on p.id = l.project_id
                      where l.chain_id = c.id and not p.is_deleted)
             + 0.1 * (select count(*) from chain_posts t
                      where t.chain_id = c.id and not t.is_deleted
                        and t.created_at > (now() at time zone 'utc') - interval '7 days') as trending_score
    from chains c
    join users u on u.id = c.creator_id
    where c.is_active and c.is_public`,
  indexes: [
    { name: 'idx_mv_chains_id', columns: ['id'], unique: true },
    { name: 'idx_mv_chains_trending', columns: ['trending_score desc', 'id'] },
    { name: 'idx_mv_chains_followers', columns: ['follower_count desc', 'id'] },
    { name: 'idx_mv_chains_category', columns: ['category', 'trending_score desc', 'id'] },
    { name: 'idx_mv_chains_featured', columns: ['is_featured', 'trending_score desc'], where: 'is_featured' },
  ],
})

export const postRow = z.object({
  id: z.uuid(),
  chain_id: z.uuid(),
  title: z.string(),
  content: z.string(),
  post_type: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  is_pinned: z.boolean(),
  author_id: z.uuid(),
  author_username: z.string(),
  author_profile_image: z.string().nullable(),
  author_is_verified: z.boolean(),
  upvote_count: z.number().describe('Votes up'),
  comment_count: z.number(),
  trending_score: z.number(),
})

/**
 * The forums of public chains; those of private ones are read live by their members. `trending_score` has the time in it as the
 * feed's has.
 */
export const chainPosts = readModel('mv_chain_posts', {
  key: 'id',
  freshness: 'eventual',
  query: sql<z.infer<typeof postRow>>`
    select t.id, t.chain_id, t.title, t.content, t.post_type, t.created_at, t.updated_at, t.is_pinned, t.author_id,
           u.username as author_username, u.profile_image as author_profile_image, u.is_verified as author_is_verified,
           (select count(*) from chain_post_votes v where v.post_id = t.id and v.is_upvote) as upvote_count,
           (select count(*) from chain_post_comments m where m.post_id = t.id) as comment_count,
           1.5 * (select count(*) filter (where v.is_upvote) - count(*) filter (where not v.is_upvote)
                  from chain_post_votes v where v.post_id = t.id)
             + 2 * (select count(*) from chain_post_comments m where m.post_id = t.id)
             + 0.1 * round(extract(epoch from t.created_at - timestamp '2026-01-01') / 3600, 10) as trending_score
    from chain_posts t
    join chains c on c.id = t.chain_id
    join users u on u.id = t.author_id
    where not t.is_deleted and c.is_public and c.is_active`,
  indexes: [
    { name: 'idx_mv_chain_posts_id', columns: ['id'], unique: true },
    {
      name: 'idx_mv_chain_posts_chain',
      columns: ['chain_id', 'is_pinned desc', 'trending_score desc', 'id'],
    },
    { name: 'idx_mv_chain_posts_trending', columns: ['chain_id', 'trending_score desc', 'id'] },
    { name: 'idx_mv_chain_posts_created', columns: ['chain_id', 'created_at desc', 'id'] },
  ],
})
