import { readModel, sql } from 'millrace'
import { z } from 'zod'

/** Times within JSON have no zone: they are in UTC. */
const utc = z.iso.datetime({ local: true })

export const detailsRow = z.object({
  id: z.uuid(),
  title: z.string(),
  description: z.string(),
  proof_of_work_link: z.string().nullable(),
  image_url: z.string().nullable(),
  category: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  proof_score: z.number(),
  user_id: z.uuid(),
  username: z.string(),
  profile_image: z.string().nullable(),
  creator_bio: z.string().nullable(),
  is_verified: z.boolean(),
  comment_count: z.number().describe('On the project itself; answers to comments are not counted'),
  vote_count: z.number().describe('Votes up and down'),
  badge_count: z.number(),
  badges_json: z.array(
    z.object({
      id: z.uuid(),
      badge_type: z.string(),
      validator_id: z.uuid(),
      validator_username: z.string(),
      created_at: utc,
    }),
  ),
  chains_json: z.array(z.object({ id: z.uuid(), name: z.string(), image_url: z.string().nullable() })),
})

/**
 * How much is said on each project, answers to comments too, which are not among the counts that pages show: by it an open page knows that there
 * is more to read. No row: nothing.
 */
export const projectDiscussions = readModel('project_discussions', {
  key: 'project_id',
  freshness: 'eventual',
  query: sql<{ project_id: string; said_count: number }>`
    select c.project_id, count(*) as said_count
    from comments c
    where not c.is_deleted
    group by c.project_id`,
})

/** The page of one project. Comments themselves are read live; private chains are left out, and lists are [] when empty. */
export const projectDetails = readModel('mv_project_details', {
  key: 'id',
  freshness: 'eventual',
  query: sql<z.infer<typeof detailsRow>>`
    select p.id, p.title, p.description, p.proof_of_work_link, p.image_url, p.category, p.created_at, p.updated_at,
           p.proof_score, p.user_id, u.username, u.profile_image, u.bio as creator_bio, u.is_verified,
           (select count(*) from comments c
            where c.project_id = p.id and c.parent_id is null and not c.is_deleted) as comment_count,
           (select count(*) from upvotes v where v.project_id = p.id) as vote_count,
           (select count(*) from validation_badges b where b.project_id = p.id) as badge_count,
           (select coalesce(json_agg(json_build_object('id', b.id, 'badge_type', b.badge_type,
                                                       'validator_id', b.validator_id,
                                                       'validator_username', w.username,
                                                       'created_at', b.created_at)
                                     order by b.created_at desc, b.id), '[]')
            from validation_badges b join users w on w.id = b.validator_id
            where b.project_id = p.id) as badges_json,
           (select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'image_url', c.image_url)
                                     order by c.name, c.id), '[]')
            from chain_projects l join chains c on c.id = l.chain_id
            where l.project_id = p.id and c.is_public and c.is_active) as chains_json
    from projects p
    join users u on u.id = p.user_id
    where not p.is_deleted`,
  indexes: [
    { name: 'idx_mv_project_details_id', columns: ['id'], unique: true },
    { name: 'idx_mv_project_details_user', columns: ['user_id'] },
  ],
})
