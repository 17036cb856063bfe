import type { Raw, Row } from './raw.ts'

/** What the dashboard of everybody should show. */
export function dashboardsByHand(raw: Raw): readonly Row[] {
  const owners = new Map(raw.projects.map((it) => [it.id, it.user_id]))
  return raw.users.map(({ id }) => {
    const projects = raw.projects.filter((it) => it.user_id === id)
    const visible = projects.filter((it) => !it.is_deleted)
    const score = visible.reduce((sum, it) => sum + it.proof_score, 0)
    const received = raw.intro_requests.filter((it) => it.builder_id === id)
    return {
      user_id: id,
      project_count: projects.length,
      active_projects: visible.length,
      total_proof_score: score,
      comment_count: raw.comments.filter((it) => it.user_id === id && !it.is_deleted).length,
      badges_given: raw.validation_badges.filter((it) => it.validator_id === id).length,
      badges_received: raw.validation_badges.filter((it) => owners.get(it.project_id) === id).length,
      intros_sent: raw.intro_requests.filter((it) => it.investor_id === id).length,
      intros_received: received.length,
      intro_requests_pending: received.filter((it) => it.status === 'pending').length,
      karma_score: score,
      unread_messages: raw.direct_messages.filter((it) => it.recipient_id === id && !it.is_read).length,
      unread_notifications: raw.notifications.filter((it) => it.user_id === id && !it.is_read).length,
    }
  })
}

/** What the introductions of everybody should add up to. */
export function introsByHand({ users, intro_requests }: Raw): readonly Row[] {
  return users.map(({ id }) => {
    const received = intro_requests.filter((it) => it.builder_id === id)
    return {
      user_id: id,
      pending_requests: received.filter((it) => it.status === 'pending').length,
      approved_requests: received.filter((it) => it.status === 'approved').length,
      rejected_requests: received.filter((it) => it.status === 'rejected').length,
      sent_requests: intro_requests.filter((it) => it.investor_id === id).length,
    }
  })
}
