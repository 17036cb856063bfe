import { readModel, sql } from 'millrace'

/**
 * What each user has made. Badges are received through projects, so a writer computes the rows that it changes anew, at
 * its commit. Karma is the sum of the proof scores of one's own visible projects, as on the leaderboard of builders.
 */
export const activity = readModel('user_activity_stats', {
  key: 'user_id',
  freshness: 'immediate',
  query: sql`
    select u.id as user_id,
           (select count(*) from projects p where p.user_id = u.id) as project_count,
           (select count(*) from projects p where p.user_id = u.id and not p.is_deleted) as active_projects,
           coalesce((select sum(p.proof_score) from projects p where p.user_id = u.id and not p.is_deleted), 0)
             as total_proof_score,
           (select count(*) from comments c where c.user_id = u.id and not c.is_deleted) as comment_count,
           (select count(*) from validation_badges b where b.validator_id = u.id) as badges_given,
           (select count(*) from validation_badges b join projects p on p.id = b.project_id
            where p.user_id = u.id) as badges_received,
           coalesce((select sum(p.proof_score) from projects p where p.user_id = u.id and not p.is_deleted), 0)
             as karma_score
    from users u`,
  indexes: [
    { name: 'idx_dashboard_stats_karma', columns: ['karma_score desc'] },
    { name: 'idx_dashboard_stats_proof', columns: ['total_proof_score desc'] },
  ],
})
