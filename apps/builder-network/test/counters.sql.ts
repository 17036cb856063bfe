const ANSWERS = `
  select builder_id, sum((status = 'pending')::int) as pending, sum((status = 'approved')::int) as approved,
         sum((status = 'rejected')::int) as rejected
  from intro_requests group by builder_id`
const ASKED = `select investor_id, count(*) as sent from intro_requests group by investor_id`

/** Every counter worked out anew, table by table: in other words than the read models', and not row by row. */
const WORKED_OUT: Readonly<Record<string, string>> = {
  user_dashboard_stats: `
    select u.id as user_id,
           coalesce(p.everything, 0) as project_count,
           coalesce(p.visible, 0) as active_projects,
           coalesce(p.score, 0) as total_proof_score,
           coalesce(c.written, 0) as comment_count,
           coalesce(g.given, 0) as badges_given,
           coalesce(r.received, 0) as badges_received,
           coalesce(s.sent, 0) as intros_sent,
           coalesce(a.pending + a.approved + a.rejected, 0) as intros_received,
           coalesce(a.pending, 0) as intro_requests_pending,
           coalesce(p.score, 0) as karma_score,
           coalesce(m.unread, 0) as unread_messages,
           coalesce(n.unread, 0) as unread_notifications
    from users u
    left join (select user_id, count(*) as everything, sum((not is_deleted)::int) as visible,
                      sum(case when is_deleted then 0 else proof_score end) as score
               from projects group by user_id) p on p.user_id = u.id
    left join (select user_id, count(*) as written from comments where not is_deleted group by user_id) c
           on c.user_id = u.id
    left join (select validator_id, count(*) as given from validation_badges group by validator_id) g
           on g.validator_id = u.id
    left join (select p.user_id, count(*) as received
               from projects p join validation_badges b on b.project_id = p.id group by p.user_id) r on r.user_id = u.id
    left join (${ASKED}) s on s.investor_id = u.id
    left join (${ANSWERS}) a on a.builder_id = u.id
    left join (select recipient_id, count(*) as unread from direct_messages where not is_read group by recipient_id) m
           on m.recipient_id = u.id
    left join (select user_id, count(*) as unread from notifications where not is_read group by user_id) n
           on n.user_id = u.id`,
  intro_request_stats: `
    select u.id as user_id, coalesce(a.pending, 0) as pending_requests, coalesce(a.approved, 0) as approved_requests,
           coalesce(a.rejected, 0) as rejected_requests, coalesce(s.sent, 0) as sent_requests
    from users u
    left join (${ASKED}) s on s.investor_id = u.id
    left join (${ANSWERS}) a on a.builder_id = u.id`,
}

/** Rows of both read models that differ from what is worked out, in one statement and so in one snapshot. */
export function wrongCounters(suffix: '' | '_strict'): string {
  return Object.entries(WORKED_OUT)
    .map(
      ([model, query]) => `
  select '${model}' as model, to_jsonb(stored) as stored, to_jsonb(actual) as actual
  from ${model}${suffix} stored
  full join (${query}) actual on actual.user_id = stored.user_id
  where to_jsonb(stored) is distinct from to_jsonb(actual)`,
    )
    .join('\n  union all')
}
