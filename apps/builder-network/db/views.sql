-- The dashboard of each user: an ordinary view over the read models that hold its parts, so that each fact is counted in
-- one place, and a message does not count badges. What it shows comes from one snapshot, as with any view.

create view user_dashboard_stats as
select a.user_id, a.project_count, a.active_projects, a.total_proof_score, a.comment_count, a.badges_given, a.badges_received,
       i.sent_requests as intros_sent,
       i.pending_requests + i.approved_requests + i.rejected_requests as intros_received,
       i.pending_requests as intro_requests_pending,
       a.karma_score, n.unread_messages, n.unread_notifications
from user_activity_stats a
join intro_request_stats i on i.user_id = a.user_id
join unread_counts n on n.user_id = a.user_id;

-- The same, read strictly.
create view user_dashboard_stats_strict as
select a.user_id, a.project_count, a.active_projects, a.total_proof_score, a.comment_count, a.badges_given, a.badges_received,
       i.sent_requests as intros_sent,
       i.pending_requests + i.approved_requests + i.rejected_requests as intros_received,
       i.pending_requests as intro_requests_pending,
       a.karma_score, n.unread_messages, n.unread_notifications
from user_activity_stats_strict a
join intro_request_stats_strict i on i.user_id = a.user_id
join unread_counts_strict n on n.user_id = a.user_id;
