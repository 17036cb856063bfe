import type { Store } from '../../store.ts'
import type { Viewer } from '../../viewer.ts'
import { isVisible } from '../../visible-chains.ts'
import type { ShownChain } from './row.ts'

/**
 * Chain $1 for user $2, an administrator by $3, in one statement by keys: a public one as its read model has it, a private one live and
 * for those alone who belong to it.
 */
const CHAIN = `
  select d.*,
         exists (select from chain_followers f where f.chain_id = d.id and f.user_id = $2) as user_is_following
  from (
    select id, name, description, image_url, category, is_public, is_featured, created_at, creator_id,
           creator_username, creator_profile_image, follower_count, project_count, post_count
    from mv_chains_discovery
    where id = $1
    union all
    select c.id, c.name, c.description, c.image_url, c.category, c.is_public, c.is_featured, c.created_at, c.creator_id,
           u.username, u.profile_image,
           (select count(*) from chain_followers f where f.chain_id = c.id),
           (select count(*) from chain_projects l join projects p on p.id = l.project_id
            where l.chain_id = c.id and not p.is_deleted),
           (select count(*) from chain_posts t where t.chain_id = c.id and not t.is_deleted)
    from chains c
    join users u on u.id = c.creator_id
    where c.id = $1 and c.is_active and not c.is_public and ${isVisible({ viewer: 2, isAdmin: 3 })}
  ) d`

export async function findChain(
  store: Pick<Store, 'rows'>,
  id: string,
  viewer: Viewer | null,
): Promise<ShownChain | null> {
  const [found = null] = await store.rows<ShownChain>(CHAIN, [
    id,
    viewer?.id ?? null,
    viewer?.isAdmin ?? false,
  ])
  return found
}
