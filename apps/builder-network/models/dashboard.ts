import { readModel, sql } from 'millrace'

/**
 * The dashboard of each user, from the moment the user exists. Karma is the sum of the proof scores of one's own visible
 * projects, as on the leaderboard of builders; badges are received on hidden projects too.
 */
export const dashboard = readModel('user_dashboard_stats', {
  key: 'user_id',
  freshness: 'eventual',
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
           (select count(*) from intro_requests i where i.investor_id = u.id) as intros_sent,
           (select count(*) from intro_requests i where i.builder_id = u.id) as intros_received,
           (select count(*) from intro_requests i where i.builder_id = u.id and i.status = 'pending')
             as intro_requests_pending,
           coalesce((select sum(p.proof_score) from projects p where p.user_id = u.id and not p.is_deleted), 0)
             as karma_score,
           (select count(*) from direct_messages m where m.recipient_id = u.id and not m.is_read) as unread_messages,
           (select count(*) from notifications n where n.user_id = u.id and not n.is_read) as unread_notifications
    from users u`,
  indexes: [
    { name: 'idx_dashboard_stats_karma', columns: ['karma_score desc'] },
    { name: 'idx_dashboard_stats_proof', columns: ['total_proof_score desc'] },
  ],
})
