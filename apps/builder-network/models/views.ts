import { sql, sqlObject } from 'millrace'

const PARTS = ['user_activity_stats', 'intro_request_stats', 'unread_counts']
const columns = sql`
  select a.user_id, a.project_count, a.active_projects, a.total_proof_score, a.comment_count, a.badges_given, a.badges_received,
         i.sent_requests as intros_sent,
         i.pending_requests + i.approved_requests + i.rejected_requests as intros_received,
         i.pending_requests as intro_requests_pending,
         a.karma_score, n.unread_messages, n.unread_notifications`

/**
 * The dashboard of each user: an ordinary view over the read models that hold its parts, so that each fact is counted in
 * one place, and a message does not count badges. What it shows comes from one snapshot, as with any view.
 */
export const dashboardStats = sqlObject('user_dashboard_stats', {
  up: sql`
    create view user_dashboard_stats as
    ${columns}
    from user_activity_stats a
    join intro_request_stats i on i.user_id = a.user_id
    join unread_counts n on n.user_id = a.user_id`,
  down: sql`drop view user_dashboard_stats`,
  dependsOn: PARTS,
})

/** The same, read strictly. */
export const dashboardStatsStrict = sqlObject('user_dashboard_stats_strict', {
  up: sql`
    create view user_dashboard_stats_strict as
    ${columns}
    from user_activity_stats_strict a
    join intro_request_stats_strict i on i.user_id = a.user_id
    join unread_counts_strict n on n.user_id = a.user_id`,
  down: sql`drop view user_dashboard_stats_strict`,
  dependsOn: PARTS,
})

/** The first thousand of the leaderboards, in the columns of the plan's views. */
export const projectLeaderboard = sqlObject('mv_leaderboard_projects', {
  up: sql`
    create view mv_leaderboard_projects as
    select id, title, image_url, proof_score, user_id, username, profile_image, badge_count, comment_count, vote_count, rank
    from project_ranks_top(1000)
    order by rank`,
  down: sql`drop view mv_leaderboard_projects`,
  dependsOn: ['project_ranks'],
})

export const builderLeaderboard = sqlObject('mv_leaderboard_builders', {
  up: sql`
    create view mv_leaderboard_builders as
    select id, username, profile_image, bio, is_verified, total_karma, project_count, badges_given, comment_count, rank
    from builder_ranks_top(1000)
    order by rank`,
  down: sql`drop view mv_leaderboard_builders`,
  dependsOn: ['builder_ranks'],
})

/** The plan's log, over Millrace's own: what was drained, and what was refreshed as a whole, running ones too. */
export const refreshLog = sqlObject('mv_refresh_log', {
  up: sql`
    create view mv_refresh_log as
    select l.id, m.name as view_name,
           l.finished_at - l.duration_ms * interval '1 millisecond' as refresh_started_at,
           l.finished_at as refresh_completed_at, round(l.duration_ms)::int as duration_ms,
           l.rows_changed as row_count, l.cause as triggered_by, l.status
    from millrace.refresh_log l
    join millrace.model m on m.storage = l.model
    union all
    select -r.id, m.name, r.started_at, r.finished_at,
           round(extract(epoch from r.finished_at - r.started_at) * 1000)::int,
           r.rows_changed, r.cause,
           case when r.status in ('running', 'completed') then r.status else 'failed' end
    from millrace.job_run r
    join millrace.job j on j.name = r.job
    join millrace.model m on m.storage = j.storage`,
  down: sql`drop view mv_refresh_log`,
  dependsOn: ['mv_feed_projects'],
})
