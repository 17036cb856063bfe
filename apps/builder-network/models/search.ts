import { readModel, sql } from 'millrace'
import { z } from 'zod'

export const searchRow = z.object({
  result_type: z.enum(['project', 'user', 'chain']),
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  image_url: z.string().nullable(),
  created_at: z.iso.datetime(),
  user_id: z.uuid(),
  creator_username: z.string(),
  relevance_score: z.number(),
})

/**
 * What the search looks through: visible projects, active users, public chains. Text beyond the first hundred thousand
 * characters is not found, for a tsvector has a limit of its own.
 */
export const searchIndex = readModel('mv_search_index', {
  key: ['result_type', 'id'],
  freshness: 'eventual',
  query: sql`
    select 'project' as result_type, p.id, p.title as name, p.description, p.image_url, p.created_at, p.user_id,
           u.username as creator_username, p.proof_score::bigint as relevance_score,
           to_tsvector('english', left(p.title || ' ' || p.description, 100000) || ' ' || u.username) as search_vector
    from projects p
    join users u on u.id = p.user_id
    where not p.is_deleted
    union all
    select 'user', u.id, u.username, coalesce(u.bio, ''), u.profile_image, u.created_at, u.id, u.username,
           (select count(*) from projects p where p.user_id = u.id and not p.is_deleted),
           to_tsvector('english', left(u.username || ' ' || coalesce(u.bio, ''), 100000))
    from users u
    where u.is_active
    union all
    select 'chain', c.id, c.name, c.description, c.image_url, c.created_at, c.creator_id, u.username,
           (select count(*) from chain_followers f where f.chain_id = c.id),
           to_tsvector('english', left(c.name || ' ' || c.description, 100000))
    from chains c
    join users u on u.id = c.creator_id
    where c.is_active and c.is_public`,
  indexes: [
    { name: 'idx_search_vector', columns: ['search_vector'], method: 'gin' },
    { name: 'idx_search_type', columns: ['result_type', 'relevance_score desc'] },
    { name: 'idx_search_created', columns: ['created_at desc'] },
    { name: 'idx_search_name_trgm', columns: ['name gin_trgm_ops'], method: 'gin' },
  ],
})
