import { z } from 'zod'
import { ago } from '../html/ago.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { person } from '../html/person.ts'
import { stats } from '../html/stats.ts'
import { page } from '../page.ts'
import { adminDashboardRow } from '../../../models/dashboards.ts'

const application = z.object({
  id: z.string(),
  username: z.string(),
  company_name: z.string().nullable(),
  investment_focus: z.string().nullable(),
  ticket_size: z.string().nullable(),
  created_at: z.string(),
})

const report = z.object({
  id: z.string(),
  reporter: z.string().nullable().describe('null: they have left'),
  subject: z.enum(['project', 'comment', 'user', 'chain', 'post']),
  page: z.string().nullable().describe('Where it stands; null: it is gone'),
  owner_id: z.string().nullable(),
  owner: z.string().nullable(),
  owner_is_active: z.boolean().nullable(),
  reason: z.string(),
  created_at: z.string(),
})

const feedback = z.object({
  id: z.string(),
  username: z.string().nullable(),
  message: z.string(),
  created_at: z.string(),
})

const counts = adminDashboardRow.omit({ id: true })

const data = z.object({
  counts,
  investor_requests: z.array(application).describe('The twenty that wait longest'),
  reports: z.array(report),
  feedback: z.array(feedback),
})

type Admin = z.infer<typeof data>

const APPLICATIONS = `
  select r.id, u.username, r.company_name, r.investment_focus, r.ticket_size, r.created_at
  from investor_requests r
  join users u on u.id = r.user_id
  where r.status = 'pending'
  order by r.created_at, r.id
  limit 20`

/** A comment stands on the page of its project, a post in the forum of its chain. */
const REPORTS = `
  select r.id, w.username as reporter, r.subject, r.reason, r.created_at,
         o.id as owner_id, o.username as owner, o.is_active as owner_is_active,
         case r.subject
           when 'project' then '/projects/' || p.id
           when 'comment' then '/projects/' || m.project_id
           when 'user' then '/users/' || o.username
           when 'chain' then '/chains/' || c.id
           when 'post' then '/chains/' || t.chain_id || '/forum/' || t.id
         end as page
  from reports r
  left join users w on w.id = r.reporter_id
  left join projects p on r.subject = 'project' and p.id = r.subject_id
  left join comments m on r.subject = 'comment' and m.id = r.subject_id
  left join chains c on r.subject = 'chain' and c.id = r.subject_id
  left join chain_posts t on r.subject = 'post' and t.id = r.subject_id
  left join users o on o.id = case r.subject
    when 'project' then p.user_id
    when 'comment' then m.user_id
    when 'user' then r.subject_id
    when 'chain' then c.creator_id
    when 'post' then t.author_id
  end
  where r.status = 'open'
  order by r.created_at, r.id
  limit 20`

const FEEDBACK = `
  select f.id, u.username, f.message, f.created_at
  from feedback f
  left join users u on u.id = f.user_id
  where f.status = 'open'
  order by f.created_at, f.id
  limit 20`

export const admin = page({
  path: '/admin',
  feature: 'Admin dashboard',
  summary: 'What has happened of late, and what waits for an administrator',
  freshness: 'eventual',
  access: 'admin',
  params: z.object({}),
  query: z.object({}),
  data,
  models: ['admin_dashboard'],
  read: async ({ store }) => {
    const row = await store.models.adminDashboard.get(1)
    if (row === null) return null
    return {
      counts: counts.parse(row),
      investor_requests: [...(await store.rows<z.infer<typeof application>>(APPLICATIONS))],
      reports: [...(await store.rows<z.infer<typeof report>>(REPORTS))],
      feedback: [...(await store.rows<z.infer<typeof feedback>>(FEEDBACK))],
    }
  },
  title: () => 'Administration',
  view: (it) =>
    html`<div class="head">
        <div>
          <h1>Administration</h1>
          <p>The day, the week, and what waits for you.</p>
        </div>
        <a class="button quiet" href="/admin/health">Health of the read models</a>
      </div>
      ${figures(it.counts)} ${applications(it)} ${reports(it)} ${allFeedback(it)}`,
})

function figures(it: Admin['counts']): Html {
  const ofWeek = (week: number) => `of ${week.toLocaleString('en-US')} this week`
  return html`<section>
    <h2>Today</h2>
    ${stats([
      { name: 'New people', value: it.users_day, more: ofWeek(it.users_week) },
      { name: 'Projects', value: it.projects_day, more: ofWeek(it.projects_week) },
      { name: 'Votes', value: it.votes_day, more: ofWeek(it.votes_week) },
      { name: 'Comments', value: it.comments_day, more: ofWeek(it.comments_week) },
      { name: 'Badges', value: it.badges_day, more: ofWeek(it.badges_week) },
    ])}
  </section>`
}

function applications({ counts: { investor_requests_pending }, investor_requests }: Admin): Html {
  return html`<section>
    <h2>Investors who apply (${investor_requests_pending})</h2>
    ${
      investor_requests.length === 0
        ? empty('Nobody waits', 'Whoever applies to be listed stands here.')
        : html`<ul class="entries">
            ${investor_requests.map(
              (it) =>
                html`<li id="a-${it.id}">
                  <div class="what">
                    <h3 class="title">
                      ${person(it.username)}${it.company_name === null ? '' : ` · ${it.company_name}`}
                    </h3>
                    <p class="muted">
                      ${[it.investment_focus, it.ticket_size].filter((part) => part !== null).join(' · ')} ·
                      ${ago(it.created_at)}
                    </p>
                  </div>
                  <form class="row" action="/admin/investors/${it.id}/answer" method="post">
                    <button class="small" name="answer" value="approved" aria-label="List ${it.username}">
                      List
                    </button>
                    <button
                      class="quiet small"
                      name="answer"
                      value="rejected"
                      aria-label="Decline ${it.username}"
                    >
                      Decline
                    </button>
                  </form>
                </li>`,
            )}
          </ul>`
    }
  </section>`
}

function reports({ counts: { reports_open }, reports: open }: Admin): Html {
  return html`<section>
    <h2>Reports (${reports_open})</h2>
    ${
      open.length === 0
        ? empty('Nothing is reported', 'What people find wrong stands here until it is closed.')
        : html`<ul class="entries">
            ${open.map(reported)}
          </ul>`
    }
  </section>`
}

function reported(it: z.infer<typeof report>): Html {
  const what = it.page === null ? html`${it.subject} (gone)` : html`<a href="${it.page}">${it.subject}</a>`
  return html`<li id="r-${it.id}">
    <div class="what">
      <h3 class="title">${what}${it.owner === null ? '' : html` of ${person(it.owner)}`}</h3>
      <p>${it.reason}</p>
      <p class="muted">${it.reporter ?? 'somebody who has left'} · ${ago(it.created_at)}</p>
    </div>
    <div class="row">
      <form action="/admin/reports/${it.id}/close" method="post">
        <button class="quiet small" aria-label="Close this report on a ${it.subject}">Close</button>
      </form>
      ${it.owner_id === null || it.owner_is_active === null ? '' : shutting(it.owner_id, it.owner ?? '', it.owner_is_active)}
    </div>
  </li>`
}

function shutting(id: string, name: string, isActive: boolean): Html {
  const path = isActive ? 'deactivate' : 'activate'
  return html`<form action="/admin/users/${id}/${path}" method="post">
    <button
      class="${isActive ? 'danger' : 'quiet'} small"
      aria-label="${isActive ? 'Deactivate' : 'Reactivate'} ${name}"
    >
      ${isActive ? 'Deactivate' : 'Reactivate'}
    </button>
  </form>`
}

function allFeedback({ counts: { feedback_open }, feedback: open }: Admin): Html {
  return html`<section>
    <h2>Feedback (${feedback_open})</h2>
    ${
      open.length === 0
        ? empty('Nothing new', 'What people think of the place stands here until it is closed.')
        : html`<ul class="entries">
            ${open.map(
              (it) =>
                html`<li id="f-${it.id}">
                  <div class="what">
                    <p>${it.message}</p>
                    <p class="muted">${it.username ?? 'somebody who has left'} · ${ago(it.created_at)}</p>
                  </div>
                  <form action="/admin/feedback/${it.id}/close" method="post">
                    <button
                      class="quiet small"
                      aria-label="Close the feedback of ${it.username ?? 'somebody'}"
                    >
                      Close
                    </button>
                  </form>
                </li>`,
            )}
          </ul>`
    }
  </section>`
}
