import { z } from 'zod'
import { ago } from '../html/ago.ts'
import { html, type Html } from '../html/html.ts'
import { page } from '../page.ts'

const application = z.object({
  status: z.enum(['pending', 'approved', 'rejected']),
  company_name: z.string().nullable(),
  created_at: z.string(),
})

const LATEST = `
  select status, company_name, created_at
  from investor_requests
  where user_id = $1
  order by created_at desc, id
  limit 1`

export const apply = page({
  path: '/investors/apply',
  feature: null,
  summary: 'The viewer’s application to be listed as an investor',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object({}),
  data: z.object({ application: application.nullable() }),
  models: [],
  read: async ({ store, viewer }) => {
    const [latest = null] = await store.rows<z.infer<typeof application>>(LATEST, [viewer.id])
    return { application: latest }
  },
  title: () => 'Apply as an investor',
  view: ({ application: it }) =>
    html`<div class="narrow form">
      <h1>Apply as an investor</h1>
      <p class="muted">
        Who is listed can ask builders for introductions. An administrator looks at each application.
      </p>
      ${it === null ? '' : state(it)} ${it === null || it.status === 'rejected' ? form() : ''}
    </div>`,
})

function state(it: z.infer<typeof application>): Html {
  return html`<p class="notice" role="status">
    <b>${it.company_name}</b> <span class="status" data-status="${it.status}">${it.status}</span> · applied
    ${ago(it.created_at)}
  </p>`
}

function form(): Html {
  return html`<form class="card form" action="/investors/apply" method="post">
    <label>Company <input name="company_name" required maxlength="200" autocomplete="organization" /></label>
    <label>What you invest in <input name="investment_focus" maxlength="200" /></label>
    <label>Ticket size <input name="ticket_size" maxlength="200" placeholder="50k-250k" /></label>
    <label>Portfolio <input name="portfolio_url" type="url" maxlength="2000" placeholder="https://" /></label>
    <label>LinkedIn <input name="linkedin_url" type="url" maxlength="2000" placeholder="https://" /></label>
    <button>Apply</button>
  </form>`
}
