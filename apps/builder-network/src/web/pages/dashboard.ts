import { z } from 'zod'
import { html, type Html } from '../html/html.ts'
import { own } from '../html/own.ts'
import { stats } from '../html/stats.ts'
import { page } from '../page.ts'

const data = z.object({
  project_count: z.number(),
  active_projects: z.number(),
  total_proof_score: z.number(),
  comment_count: z.number(),
  badges_given: z.number(),
  badges_received: z.number(),
  intros_sent: z.number(),
  intros_received: z.number(),
  intro_requests_pending: z.number(),
  karma_score: z.number(),
  unread_messages: z.number(),
  unread_notifications: z.number(),
})

type Dashboard = z.infer<typeof data>

const READ = `
  select ${Object.keys(data.shape).join(', ')}
  from user_dashboard_stats
  where user_id = $1`

export const dashboard = page({
  path: '/me',
  feature: 'Dashboard',
  summary: 'What the viewer has made, and what waits for them: right at each commit',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object({}),
  data,
  // Kept by the writes themselves: there is nothing to wait for, and no age.
  models: [],
  read: async ({ store, viewer }) => (await store.rows<Dashboard>(READ, [viewer.id]))[0] ?? null,
  title: () => 'Dashboard',
  view: (it, { viewer, url }) =>
    html`<div class="head">
        <div>
          <h1>Hello, ${viewer.username}</h1>
          <p>What you have made, and what waits for you.</p>
        </div>
        <a class="button" href="/projects/new">Post a project</a>
      </div>
      ${own('dashboard', url, html`${waiting(it)} ${made(it)}`)}`,
})

function waiting(it: Dashboard): Html {
  return html`<h2>Waiting for you</h2>
    ${stats([
      { name: 'Unread messages', value: it.unread_messages, href: '/messages', field: 'unread_messages' },
      {
        name: 'New notifications',
        value: it.unread_notifications,
        href: '/notifications',
        field: 'unread_notifications',
      },
      {
        name: 'Introductions to answer',
        value: it.intro_requests_pending,
        href: '/intros',
        field: 'intro_requests_pending',
        more: `of ${String(it.intros_received)}`,
      },
    ])}`
}

function made(it: Dashboard): Html {
  return html`<h2>Your work</h2>
    ${stats([
      { name: 'Karma', value: it.karma_score, field: 'karma_score', href: '/leaderboards/builders' },
      {
        name: 'Visible projects',
        value: it.active_projects,
        href: '/me/projects',
        field: 'active_projects',
        more: `of ${String(it.project_count)}`,
      },
      { name: 'Badges received', value: it.badges_received, field: 'badges_received' },
      { name: 'Badges given', value: it.badges_given, field: 'badges_given' },
      { name: 'Comments', value: it.comment_count, field: 'comment_count' },
      {
        name: 'Introductions asked for',
        value: it.intros_sent,
        href: '/intros?box=sent',
        field: 'intros_sent',
      },
    ])}
    ${
      it.project_count === 0
        ? html`<p class="notice">
            You have not posted anything yet. <a href="/projects/new">Show your first project</a>: others can
            vote for it, comment on it and award badges.
          </p>`
        : ''
    }`
}
